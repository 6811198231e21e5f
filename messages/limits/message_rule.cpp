#include "messages/limits/message_rule.hpp"

#include "messages/amqp/head_mapping.hpp"
#include "messages/broker/publication.hpp"
#include "messages/iothub/outbound_topic.hpp"
#include "messages/iothub/property_bag.hpp"

namespace tidegate {

namespace {

/// The longest front of a topic to a module: three names of 128 bytes and what
/// stands between them.
constexpr std::size_t longest_front = 512;

/// Whoever has fewer properties than leave so much room fits anywhere.
constexpr std::size_t ample_front = 8192;

/// The longest front of a topic to a device, with the address that a hub adds
/// to the properties, and what a gateway on the way adds to a name.
constexpr std::size_t longest_c2d_front = 2048;

/// Percent-encoding makes three bytes of one.
constexpr std::size_t encoded_growth = 3;

/// JSON makes at most six bytes of one (`\u0000`), base64 fewer.
constexpr std::size_t document_growth = 6;

/// `key=value&`, and a wire name that is longer than the internal one.
constexpr std::size_t entry_overhead = 16;

std::size_t bag_size(const message_head& head) {
  std::string bag;
  encode_property_bag(bag, outbound_properties(head));
  return bag.size();
}

message_fault broker_fault(const head_ptr& head, std::string_view payload,
                           const broker_limits& limits) {
  publication_writer writer{limits.language};
  const auto topic = writer.topic_of(head).size();
  if (topic > longest_topic)
    return message_fault::topic_too_long;
  return topic + writer.payload_of(*head, payload).size() > limits.message_size
           ? message_fault::too_large_for_broker
           : message_fault::none;
}

} // namespace

std::string_view name_of(message_fault fault) {
  switch (fault) {
  case message_fault::too_large:
    return "too_large";
  case message_fault::too_many_properties:
    return "too_many_properties";
  case message_fault::topic_too_long:
    return "topic_too_long";
  case message_fault::too_large_for_broker:
    return "too_large_for_broker";
  case message_fault::none:
    break;
  }
  return "none";
}

head_measure measure(const message_head& head) {
  head_measure made;
  made.properties_size = properties_size(head);
  made.longest_bag = encoded_growth * made.properties_size
                     + entry_overhead * (head.system.size() + head.user.size());
  if (amqp::application_properties(head) > amqp::most_properties)
    made.fault = message_fault::too_many_properties;
  return made;
}

message_fault fault_of(const head_measure& head, std::size_t payload_size,
                       const message_limits& limits) {
  return head.properties_size + payload_size > limits.message_size
           ? message_fault::too_large
           : head.fault;
}

bool may_not_fit(const head_measure& head, std::size_t payload_size,
                 const message_limits& limits) {
  return ample_front + head.longest_bag > longest_topic
         || (limits.broker
             && longest_topic + head.longest_bag
                    + document_growth * payload_size
                  > limits.broker->message_size);
}

message_fault fault_on_way(const head_ptr& head, std::string_view payload,
                           message_way way, const message_limits& limits) {
  if (way.to_modules && longest_front + bag_size(*head) > longest_topic)
    return message_fault::topic_too_long;
  if (way.upstream && limits.broker)
    return broker_fault(head, payload, *limits.broker);
  return message_fault::none;
}

message_fault c2d_fault_of(const message_head& head, std::size_t payload_size,
                           std::size_t most) {
  const auto known = measure(head);
  const auto fault = fault_of(known, payload_size, {most, {}});
  if (fault != message_fault::none)
    return fault;
  return longest_c2d_front + known.longest_bag > longest_topic
             && longest_c2d_front + bag_size(head) > longest_topic
           ? message_fault::topic_too_long
           : message_fault::none;
}

std::string fault_text(message_fault fault, const message_head& head,
                       std::size_t payload_size, std::size_t most) {
  switch (fault) {
  case message_fault::too_large:
    return "a message has " + std::to_string(properties_size(head))
           + " bytes of properties and " + std::to_string(payload_size)
           + " of payload, together more than " + std::to_string(most);
  case message_fault::too_many_properties:
    return "a message has " + std::to_string(amqp::application_properties(head))
           + " properties, more than " + std::to_string(amqp::most_properties);
  case message_fault::topic_too_long:
    return "a message has " + std::to_string(properties_size(head))
           + " bytes of properties, for which a topic is too short where it "
             "goes";
  case message_fault::too_large_for_broker:
    return "a message has " + std::to_string(payload_size)
           + " bytes of payload, with its topic more than the broker that is "
             "the parent takes, parent.mqtt.message_size";
  case message_fault::none:
    break;
  }
  return {};
}

} // namespace tidegate
