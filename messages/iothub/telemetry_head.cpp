#include "messages/iothub/telemetry_head.hpp"

#include "messages/iothub/system_properties.hpp"

namespace tidegate {

void add_bag(message_head& head, std::vector<property> bag) {
  for (auto& [name, value] : bag) {
    const auto internal = internal_name_of(name);
    auto& target = internal.empty() ? head.user : head.system;
    if (!internal.empty())
      name = internal;
    target.push_back({std::move(name), std::move(value)});
  }
}

head_ptr make_head(const identity_id& sender, telemetry_facts facts) {
  auto head = std::make_shared<message_head>();
  head->sender = sender;
  head->system.push_back({"connectionDeviceId", sender.device});
  if (sender.is_module())
    head->system.push_back({"connectionModuleId", sender.module});
  add_bag(*head, std::move(facts.bag));
  if (facts.model_id)
    head->system.push_back({"modelId", std::move(*facts.model_id)});
  add_auth_method(*head, facts.method);
  if (facts.retain)
    set_property(head->user, "mqtt-retain", "true");
  if (facts.dup)
    set_property(head->user, "mqtt-dup", "true");
  if (facts.will)
    set_property(head->user, "MessageType", "Will");
  return head;
}

} // namespace tidegate
