#include "actors/clients/sent_meters.hpp"

namespace tidegate {

sent_meters_cache::sent_meters_cache(std::shared_ptr<metrics> meters,
                                     std::string to)
  : meters_{std::move(meters)}, to_{std::move(to)} {}

sent_meters sent_meters_cache::of(const head_ptr& head,
                                  const std::string& input,
                                  std::uint32_t priority) {
  if (head == last_head_ && priority == last_priority_ && input == last_input_)
    return last_;
  const auto* named = find_property(head->system, "outputName");
  key wanted{head->sender,
             named && named->value ? *named->value : std::string{}, input,
             priority};
  if (known_.size() >= most_entries)
    known_.clear();
  const auto [entry, is_new] = known_.try_emplace(std::move(wanted));
  if (is_new) {
    const prometheus::Labels labels{
      {"from", to_string(head->sender)},
      {"to", to_},
      {"from_route_output", std::get<1>(entry->first)},
      {"to_route_input", input}};
    auto counted = labels;
    counted.emplace("priority", std::to_string(priority));
    counted.emplace("ms_telemetry", "True");
    entry->second
      = {&meters_->counter("edgehub_messages_sent_total",
                           "Messages taken by their target.", counted),
         &meters_->summary("edgehub_message_send_duration_seconds",
                           "From sending a message until its target has "
                           "taken it; a batch counts once.",
                           labels)};
  }
  last_head_ = head;
  last_input_ = input;
  last_priority_ = priority;
  return last_ = entry->second;
}

} // namespace tidegate
