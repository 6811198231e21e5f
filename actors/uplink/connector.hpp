#pragma once

#include "actors/clients/transport.hpp"

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>

#include <cstdint>
#include <string>

namespace tidegate {

/// Where the parent listens. Certificates it is judged by belong to the
/// connector, which is made with them.
struct parent_endpoint {
  std::string host;
  std::uint16_t port = 5671;
  bool tls = true;
};

/// The connection that was asked for is open. Bytes from the peer follow as
/// `received`, its end as `closed`.
struct connected {
  transport_ptr transport;
};

/// Opens connections to the outside. Implemented in `runtime/net` and, for
/// tests, in memory.
class connector {
public:
  virtual ~connector() = default;

  /// Resolves, connects and, for TLS, verifies the peer against `to.host`.
  /// Returns at once, from any thread. `session` gets `connected`, or `closed`
  /// with the reason, and is asked once per attempt: an actor that gives up
  /// waiting simply ends, and a connection that opens for an actor that is
  /// gone is closed again by its transport.
  virtual void connect(const parent_endpoint& to, caf::actor session) = 0;
};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::connected)
