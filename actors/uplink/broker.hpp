#pragma once

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tidegate {

/// A session with an MQTT broker, as its actor sees it: one connection, which
/// is never made again. Its end closes the connection. Calls may wait for a
/// short time: the actor has a thread of its own.
class broker_connection {
public:
  virtual ~broker_connection() = default;

  /// Publishes with quality 1; the broker's acknowledgement gives `number`
  /// back. Returns what is wrong when the connection does not take it; then
  /// it takes nothing more.
  virtual std::string publish(std::uint64_t number, const std::string& topic,
                              std::string_view payload)
    = 0;

  /// Subscribes with quality 1; `broker_subscribed` follows.
  virtual void subscribe(const std::string& filter) = 0;

  /// The numbers that have been acknowledged since the last call, after
  /// `broker_acknowledged` has told of them.
  virtual std::vector<std::uint64_t> take_acknowledged() = 0;
};

/// Opens sessions with the one broker that it was made for. Implemented in
/// `runtime/net` and, for tests, in memory.
class broker_connector {
public:
  virtual ~broker_connector() = default;

  /// Starts to connect. `session` gets `broker_opened`, or `broker_closed`
  /// with the reason, and then what is described below, in order.
  virtual std::unique_ptr<broker_connection> connect(caf::actor session) = 0;
};

/// The broker has taken this node.
struct broker_opened {
  bool session_present = false; ///< it has kept the session of last time
};

/// Some publications were acknowledged: see `take_acknowledged`. Sent once
/// for all that come until they are taken.
struct broker_acknowledged {};

/// The answer to a subscription.
struct broker_subscribed {
  bool granted = false;
};

/// A publication that was subscribed to.
struct broker_message {
  std::string topic;
  std::string payload;
};

/// The connection is gone; nothing follows. `reason` is a sentence.
struct broker_closed {
  std::string reason;
};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::broker_opened)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::broker_acknowledged)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::broker_subscribed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::broker_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::broker_closed)
