#pragma once

#include <chrono>
#include <filesystem>
#include <string>

namespace tidegate {

/// When images are removed that no module uses any more (edge-agent spec
/// 5.4).
struct image_cleanup_options {
  bool enabled = true;
  std::chrono::days period{1};
  std::chrono::seconds age = std::chrono::days{7};
  std::chrono::minutes time{0}; ///< of the day, since midnight
};

/// How modules run as containers.
struct docker_engine_options {
  std::string socket = "/var/run/docker.sock";
  /// What is remembered of containers, and the use of images.
  std::filesystem::path folder;
  /// Has a folder for each module, with its workload socket in it. The folder
  /// is what a container gets: a gateway that starts again makes a new socket
  /// there, and a container sees it.
  std::filesystem::path workload;
  /// For modules that name no network; made when it is not there. `host` is
  /// the machine's own.
  std::string network = "azure-iot-edge";
  /// False: no module has privileges (edge-agent spec 11.5).
  bool elevated = true;
  image_cleanup_options cleanup;
};

/// Where a container finds its workload socket (edge-agent spec 4.4).
inline constexpr auto socket_folder_inside = "/var/run/iotedge";
inline constexpr auto workload_uri_inside
  = "unix:///var/run/iotedge/workload.sock";

} // namespace tidegate
