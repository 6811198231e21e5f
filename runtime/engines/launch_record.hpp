#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidegate {

/// Everything the shim needs to run a module; written by the engine when the
/// module is created, read by the shim at each start.
struct launch_record {
  struct limit {
    int resource = 0; ///< `RLIMIT_...`
    std::uint64_t soft = 0, hard = 0;

    bool operator==(const limit&) const = default;
  };

  std::string name;
  std::string hash;
  std::string memo;       ///< `module_launch::memo`
  std::string image_hash; ///< as in `module_record`
  std::string artifact;   ///< its digest, when it lies in the store
  /// The program or folder that has to have the digest `image_hash` at each
  /// start; empty when nobody asked for that, or when it lies in the store.
  std::string checked;
  /// The folder of its control group; empty when it has none.
  std::string control_group;
  std::vector<std::string> group_settings; ///< of it, each `FILE VALUE`
  std::vector<std::string> arguments;      ///< the first is the program's path
  std::vector<std::string> env;            ///< `NAME=value`
  std::string folder;                      ///< to run in
  std::optional<std::uint32_t> user, group;
  std::vector<limit> limits;
  std::uint64_t stop_grace = 10'000;  ///< milliseconds
  std::uint64_t log_size = 10u << 20; ///< bytes until the log is rotated
  std::uint64_t log_files = 3;

  bool operator==(const launch_record&) const = default;
};

/// `name value` pairs, each ended by a zero byte, which no value can hold.
std::string encode(const launch_record& record);

/// Reads what `encode` wrote; nothing for any other text.
std::optional<launch_record> decode_launch(std::string_view text);

} // namespace tidegate
