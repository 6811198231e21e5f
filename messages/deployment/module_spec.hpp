#pragma once

#include "messages/deployment/process_options.hpp"
#include "messages/restart_when.hpp"

#include <boost/json/object.hpp>
#include <limits>
#include <map>
#include <string>

namespace tidegate::deployment {

enum class engine_kind { process, docker };

/// `process` or `docker`.
std::string_view to_string(engine_kind kind);

/// `startupOrder` of a module that names none: after all that do.
inline constexpr auto last_in_order = std::numeric_limits<std::uint32_t>::max();

/// One module as a manifest wants it (edge-agent spec 1.4), defaults filled
/// in.
struct module_spec {
  std::string name;
  engine_kind engine = engine_kind::process;
  std::string version;
  bool running = true; ///< `status`: running or stopped
  restart_when restart = restart_when::on_unhealthy;
  bool pull = true; ///< `imagePullPolicy`: on-create or never
  std::uint32_t startup_order = last_in_order;
  std::map<std::string, std::string> env;
  std::string image;
  std::string digest;
  boost::json::object create_options;
  /// How long it may take to become healthy, by its label; 0 is for ever,
  /// nothing means that it does not say.
  std::optional<std::chrono::seconds> rollback;
  /// `create_options` as the process engine reads them; empty for docker.
  process_options process;
  /// SHA-256, in hex, of everything above but `running`: two specs with the
  /// same hash need no new process.
  std::string hash;
};

/// SHA-256 of `text`, in hex.
std::string sha256_hex(std::string_view text);

/// Computes `module_spec::hash`.
std::string spec_hash(const module_spec& spec);

} // namespace tidegate::deployment
