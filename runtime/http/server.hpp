#pragma once

#include "runtime/http/responder.hpp"
#include "runtime/net/connection_options.hpp"
#include "runtime/net/listener.hpp"

#include <caf/expected.hpp>
#include <chrono>
#include <map>
#include <string>

namespace tidegate::http {

struct server_options {
  /// TCP, TLS or unix socket. Its connection limit bounds the requests that
  /// are worked on at a time.
  listen_options listen;
  std::size_t header_limit = 16UL * 1024;         ///< past it: 431
  std::size_t body_limit = 1024UL * 1024;         ///< past it: 413
  std::chrono::milliseconds idle_timeout{60'000}; ///< between requests
  /// A connection is closed then unless a request on it has had success: by
  /// then its peer should have proven who it is. Not for unix sockets.
  std::chrono::milliseconds introduction_timeout{60'000};
  std::chrono::milliseconds header_timeout{10'000};
  std::chrono::milliseconds body_timeout{5'000}; ///< past it: 408
  /// For the handler, past it: 504. Longer than any method call.
  std::chrono::milliseconds answer_timeout{330'000};
  /// A peer that takes nothing for this long is closed.
  std::chrono::milliseconds stall_timeout{60'000};
};

/// Sessions over WebSocket, by sub-protocol (`mqtt`, `AMQPWSB10`).
struct websocket_endpoint {
  connection_options connections;
  session_factory make_session;
};

using websocket_endpoints = std::map<std::string, websocket_endpoint>;

/// Serves HTTP/1.1 until the listener is stopped. A WebSocket upgrade on any
/// path goes to the first of its sub-protocols that is in `websockets`, or is
/// answered with 400 (edge-hub spec 1.1); every other request goes to
/// `handle`. Errors as from `listen`.
caf::expected<listener_ptr> serve(io_loop& loop, server_options options,
                                  handler handle,
                                  const websocket_endpoints& websockets = {});

} // namespace tidegate::http
