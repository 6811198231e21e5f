#include "actors/uplink/given_up.hpp"

#include "actors/log.hpp"

namespace tidegate {

void tell_given_up(metrics& meters, const message_copy& what,
                   std::string_view reason) {
  const auto& head = *what.data->head(what.at);
  const auto* const id = find_property(head.system, "messageId");
  meters
    .counter("tidegate_uplink_given_up_total",
             "Messages that the parent would never take and that are given up.",
             {{"reason", std::string{reason}}})
    .Increment();
  log::error("uplink", "a message is given up, the parent does not take it",
             {{"reason", std::string{reason}},
              {"sender", to_string(head.sender)},
              {"message_id", id ? id->value.value_or("") : ""},
              {"bytes", std::to_string(what.data->payload(what.at).size())},
              {"properties", std::to_string(properties_size(head))}});
}

} // namespace tidegate
