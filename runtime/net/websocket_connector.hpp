#pragma once

#include "runtime/net/byte_stream.hpp"
#include "runtime/net/connection_options.hpp"
#include "runtime/net/io_loop.hpp"

#include <caf/error.hpp>
#include <functional>
#include <string>

namespace tidegate {

/// What a WebSocket client asks for.
struct websocket_target {
  std::string host;     ///< for the Host header
  std::string path;     ///< `/$iothub/websocket`
  std::string protocol; ///< sub-protocol, `mqtt` or `AMQPWSB10`
};

/// Upgrades a connected stream and makes a session for it; `on_failure` is
/// called if the server refuses or does not answer. On the loop's thread.
void connect_websocket(io_loop& loop, byte_stream stream, peer_info peer,
                       const websocket_target& target,
                       connection_options_ptr options,
                       session_factory make_session,
                       std::function<void(caf::error)> on_failure);

} // namespace tidegate
