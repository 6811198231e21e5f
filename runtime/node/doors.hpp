#pragma once

#include "runtime/config/config.hpp"
#include "runtime/http/router.hpp"
#include "runtime/net/listener.hpp"

#include <caf/expected.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace tidegate {

/// What the node's listeners lead to.
struct door_targets {
  session_factory mqtt;
  session_factory amqp;
  http::handler rest;
  http::handler metrics;
  std::shared_ptr<tidegate::metrics> meters; ///< count who is turned away
};

/// The open listeners of a node.
struct doors {
  std::vector<listener_ptr> open;
  /// By the configuration's name: `mqtts`, `https`, `metrics`, ...
  std::map<std::string, std::uint16_t> ports;
  std::shared_ptr<tls_server> tls; ///< null when nothing is encrypted

  void close();
};

/// Opens every listener that is configured. The error names the key and the
/// address; what was open by then is closed again.
caf::expected<doors> open_doors(const config& from, io_loop& loop,
                                const door_targets& targets);

/// Writes `{"mqtts":8883,...}` to `<run>/ports.json`, atomically, so that
/// others find ports that the system chose.
caf::error write_ports(const config& from, const doors& of);

} // namespace tidegate
