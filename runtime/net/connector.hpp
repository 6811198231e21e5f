#pragma once

#include "runtime/net/byte_stream.hpp"
#include "runtime/net/connection_options.hpp"
#include "runtime/net/io_loop.hpp"
#include "runtime/net/tls_context.hpp"
#include "runtime/net/websocket_connector.hpp"

#include <boost/asio/ip/address.hpp>
#include <caf/expected.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace tidegate {

struct connect_options {
  std::string name = "client"; ///< goes into `peer_info::listener`
  std::string host;            ///< DNS name or IP address
  std::uint16_t port = 0;
  std::string unix_path;           ///< not empty: instead of host and port
  std::shared_ptr<tls_client> tls; ///< null: plain
  /// Which addresses of the host may be connected to; all when empty. What is
  /// judged is what is connected to: a name that changes its mind gains
  /// nothing.
  std::function<bool(const boost::asio::ip::address&)> allowed;
  /// For all of it: name, connection, handshakes.
  std::chrono::milliseconds timeout{30'000};
};

/// Connects to the first address of the host that answers, shakes hands (TLS)
/// and calls `done` on the thread that runs `context`: with a stream that is
/// ready for use, or `ec::unavailable`, `ec::timed_out` or, when the host has
/// none but addresses that are not allowed, `ec::refused`, and a text that
/// names the target and what failed.
void connect(boost::asio::io_context& context, connect_options options,
             std::function<void(caf::expected<byte_stream>)> done);

/// Connects, upgrades to WebSocket if `upgrade` says so, and makes a session
/// for the connection. `on_failure` is called on the loop's thread if there is
/// none. Any thread.
void connect(io_loop& loop, connect_options options,
             connection_options connection, session_factory make_session,
             std::function<void(caf::error)> on_failure,
             std::optional<websocket_target> upgrade = std::nullopt);

} // namespace tidegate
