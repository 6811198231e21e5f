#include "messages/iothub/outbound_topic.hpp"

#include "messages/iothub/percent.hpp"
#include "messages/iothub/property_bag.hpp"
#include "messages/iothub/system_properties.hpp"

namespace tidegate {

namespace {

/// Appends `/{bag}`, or nothing when there is nothing to say.
std::string with_bag(std::string topic,
                     const std::vector<property>& properties) {
  if (!properties.empty()) {
    topic.push_back('/');
    encode_property_bag(topic, properties);
  }
  return topic;
}

/// The bag key of a system property, given that a twin change's originator
/// stands in for the sender.
std::string_view bag_key(std::string_view internal, bool has_originator) {
  if (internal == "rpSenderDeviceId")
    return "$.cdid";
  if (internal == "rpSenderModuleId")
    return "$.cmid";
  if (has_originator
      && (internal == "connectionDeviceId" || internal == "connectionModuleId"))
    return {};
  return wire_key_of(internal);
}

} // namespace

std::vector<property> outbound_properties(const message_head& head) {
  std::vector<property> system;
  const bool has_originator
    = find_property(head.system, "rpSenderDeviceId") != nullptr;
  for (const auto& [name, value] : head.system)
    if (const auto key = bag_key(name, has_originator); !key.empty())
      system.push_back({std::string{key}, value});
  std::vector<property> all;
  all.reserve(head.user.size() + system.size());
  for (const auto& entry : head.user)
    if (!is_nodes_own(entry.name) && !find_property(system, entry.name))
      all.push_back(entry);
  all.insert(all.end(), std::make_move_iterator(system.begin()),
             std::make_move_iterator(system.end()));
  return all;
}

namespace {

/// A name from outside as (part of) a level: it makes no further level, no
/// wildcard, and nothing that a topic cannot hold (MQTT 3.1.1, 4.7).
void add_name(std::string& topic, std::string_view name) {
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '/' || c == '#' || c == '+' || byte < ' ' || byte == 0x7f)
      percent_encode(topic, {&c, 1});
    else
      topic.push_back(c);
  }
}

} // namespace

std::string c2d_topic(std::string_view device,
                      const std::vector<property>& properties) {
  std::string topic{"devices/"};
  add_name(topic, device);
  topic.append("/messages/devicebound");
  return with_bag(std::move(topic), properties);
}

std::string input_topic(const identity_id& module, std::string_view input,
                        const std::vector<property>& properties) {
  std::string topic{"devices/"};
  add_name(topic, module.device);
  topic.append("/modules/");
  add_name(topic, module.module);
  topic.append("/inputs/");
  add_name(topic, input);
  return with_bag(std::move(topic), properties);
}

std::string twin_response_topic(int status, std::string_view rid) {
  std::string topic{"$iothub/twin/res/"};
  topic.append(std::to_string(status)).append("/?$rid=");
  add_name(topic, rid);
  return topic;
}

std::string desired_topic(std::int64_t version) {
  return "$iothub/twin/PATCH/properties/desired/?$version="
         + std::to_string(version);
}

std::string method_topic(std::string_view name, std::string_view rid) {
  std::string topic{"$iothub/methods/POST/"};
  add_name(topic, name);
  topic.append("/?$rid=").append(rid);
  return topic;
}

} // namespace tidegate
