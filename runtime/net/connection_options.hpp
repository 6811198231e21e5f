#pragma once

#include "actors/clients/transport.hpp"
#include "runtime/net/framer.hpp"

#include <caf/actor.hpp>
#include <chrono>
#include <cstddef>
#include <functional>

namespace tidegate {

/// Makes the actor that a new connection talks to; it gets `received` and
/// `closed`. Called on the loop's thread once the connection is ready (TLS and
/// WebSocket handshakes are done). A null actor refuses the connection.
using session_factory = std::function<caf::actor(const transport_ptr&)>;

/// How connections of one kind behave.
struct connection_options {
  /// Splits what is read into packets; empty: bytes go on as they come.
  framer frame;
  /// Reading stops while more bytes than this have not been given back.
  std::size_t unread_limit = 256UL * 1024;
  /// A connection that more bytes than this wait to leave by is closed.
  std::size_t unsent_limit = 8UL * 1024 * 1024;
  /// A peer that takes nothing for this long, while bytes wait, is closed.
  std::chrono::milliseconds stall_timeout{60'000};
  /// How long `close()` goes on sending, and then waits for the peer's end.
  std::chrono::milliseconds close_timeout{5'000};
  /// WebSocket only: a longer message from the peer breaks the protocol.
  std::size_t websocket_message_limit = 1024UL * 1024;
};

using connection_options_ptr = std::shared_ptr<const connection_options>;

} // namespace tidegate
