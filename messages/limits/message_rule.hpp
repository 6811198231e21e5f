#pragma once

#include "messages/broker/broker_language.hpp"
#include "messages/message_head.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tidegate {

// What a message may be. Every door asks here before it acknowledges anything,
// so that what is acknowledged is nowhere refused on its way.

enum class message_fault : std::uint8_t {
  none,
  too_large,
  too_many_properties,
  topic_too_long,      ///< its properties make it longer than a topic may be
  too_large_for_broker ///< which is the parent
};

/// As metrics and logs call it: `too_large`.
std::string_view name_of(message_fault fault);

/// A broker that is the parent, and takes no more than that.
struct broker_limits {
  std::shared_ptr<const broker_language> language;
  std::size_t message_size = 0; ///< bytes of topic and payload
};

/// What a node takes.
struct message_limits {
  std::size_t message_size = 262'144; ///< bytes, properties included
  std::optional<broker_limits> broker;
};

/// Where the routes in force send a message.
struct message_way {
  bool upstream = false;
  bool to_modules = false; ///< which may speak MQTT
};

/// What there is to know of a head, once for all messages that share it.
struct head_measure {
  std::size_t properties_size = 0;
  std::size_t longest_bag = 0; ///< its properties as a bag, at most
  message_fault fault = message_fault::none;
};

head_measure measure(const message_head& head);

/// What is wrong with a message wherever it goes.
message_fault fault_of(const head_measure& head, std::size_t payload_size,
                       const message_limits& limits);

/// Whether `fault_on_way` may find something. Rarely so, and cheap to ask.
bool may_not_fit(const head_measure& head, std::size_t payload_size,
                 const message_limits& limits);

/// What is wrong with it where it goes: a topic has to hold its properties, a
/// broker may take less than this node.
message_fault fault_on_way(const head_ptr& head, std::string_view payload,
                           message_way way, const message_limits& limits);

/// What is wrong with a message for a device, which may speak MQTT. `most` is
/// the bytes that its queue takes.
message_fault c2d_fault_of(const message_head& head, std::size_t payload_size,
                           std::size_t most);

/// The fault in words, with the figures: `a message has 600 properties, more
/// than 512`.
std::string fault_text(message_fault fault, const message_head& head,
                       std::size_t payload_size, std::size_t most);

} // namespace tidegate
