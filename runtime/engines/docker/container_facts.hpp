#pragma once

#include "actors/modules/engine_messages.hpp"

#include <boost/json/value.hpp>
#include <chrono>
#include <optional>
#include <string>

namespace tidegate::docker {

/// The hash of the launch that a container was made for.
inline constexpr auto hash_label = "tidegate.launch-hash";

/// What a container's own health check says of it.
enum class container_health { none, healthy, unhealthy };

/// What an engine knows about one container.
struct container_facts {
  std::string id, name;
  std::string image_id; ///< `sha256:...`
  std::string hash;     ///< `hash_label`
  bool owned = false;   ///< by a gateway
  bool running = false;
  bool dead = false; ///< the engine could not remove it
  bool terminal = false;
  bool out_of_memory = false;
  int exit_code = 0;
  std::string error; ///< why it could not be started
  std::int64_t pid = 0;
  /// Tells one life from another: when it was started last; empty: never.
  std::string life;
  /// How long it may take to end, where its create options say so.
  std::optional<std::chrono::seconds> stop_timeout;
  wall_milliseconds started = 0;
  wall_milliseconds finished = 0;
  container_health health = container_health::none;
  std::string health_detail; ///< what the last check printed
};

/// Reads the answer to `GET /containers/{name}/json`; nothing when it is
/// none.
std::optional<container_facts> read_container(const boost::json::value& from);

/// How a container that does not run ended; nothing when it never ran.
/// `told` says that it was told to. An engine does not tell a death by signal
/// n from exit code 128 + n. Out of memory is who was killed for it, not who
/// survived one of its children.
std::optional<exit_cause> end_of(const container_facts& facts, bool told);

} // namespace tidegate::docker
