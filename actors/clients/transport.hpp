#pragma once

#include "messages/bytes.hpp"
#include "messages/vouched_certificate.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <memory>
#include <string>

namespace tidegate {

/// Who is at the other end of a connection, as far as the socket knows.
struct peer_info {
  std::string address;  ///< `10.0.0.7:51234`
  std::string listener; ///< `mqtts`, `amqps`, `wss`, ...
  bool encrypted = false;
  /// The client certificate, PEM, leaf first; empty when none was shown.
  std::string certificate;
  /// What a proxy says the client has shown to it.
  vouched_certificate vouched = {};

  bool shows_certificate() const {
    return !certificate.empty() || !vouched.pem.empty();
  }
};

/// One open connection, seen from its session actor. The bytes may cross TCP,
/// TLS or WebSocket; the session does not see which. Implemented in
/// `runtime/net` and, for tests, in memory. Every call is safe from any
/// thread and returns at once.
class transport {
public:
  virtual ~transport() = default;

  /// Queues `data` for sending, in call order. A peer that does not read for
  /// too long, or lets too much pile up, is closed by the transport.
  virtual void write(bytes data) = 0;

  /// Gives read credit back: `count` bytes that the session got as `received`
  /// are dealt with. The transport stops reading while too many are not.
  virtual void give_back(std::size_t count) = 0;

  /// Has the session told, once, when everything written so far has left:
  /// with `drained`. For what the peer does not acknowledge.
  virtual void tell_drained() = 0;

  /// The peer has proven who it is: it no longer counts among the strangers
  /// from its address, of whom a listener takes only so many.
  virtual void introduced() {}

  /// So many bytes of memory are about to be spent on the peer. False when
  /// strangers have as much as they may, all or those from its address: the
  /// connection is to be closed then. Counts until it is introduced or gone.
  virtual bool charge(std::size_t bytes) {
    static_cast<void>(bytes);
    return true;
  }

  /// Sends what is queued, then closes. The session gets `closed`.
  virtual void close() = 0;

  virtual const peer_info& peer() const = 0;
};

using transport_ptr = std::shared_ptr<transport>;

/// Bytes from the peer. From an MQTT listener they are whole packets only.
struct received {
  bytes data;
};

/// The answer to `transport::tell_drained`.
struct drained {};

/// The connection is gone; nothing follows. `reason` is a sentence.
struct closed {
  std::string reason;
};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::received)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::drained)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::closed)
