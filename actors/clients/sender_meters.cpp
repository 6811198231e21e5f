#include "actors/clients/sender_meters.hpp"

namespace tidegate {

namespace {

sender_meters_ptr make(metrics& all, const std::string& id,
                       const std::string& output) {
  const auto counter
    = [&](const char* name, const char* help, prometheus::Labels labels) {
        labels.emplace("ms_telemetry", "True");
        return &all.counter(name, help, labels);
      };
  const auto from = [&](const char* reason) {
    return prometheus::Labels{
      {"reason", reason}, {"from", id}, {"from_route_output", output}};
  };
  return std::make_shared<const sender_meters>(sender_meters{
    counter("edgehub_messages_received_total", "Messages received from clients",
            {{"id", id}, {"route_output", output}}),
    counter("edgehub_messages_dropped_total", "Messages given up",
            from("no_route")),
    counter("edgehub_messages_unack_total",
            "Messages not acknowledged because they could not be stored",
            from("storage_failure")),
    &all.summary("edgehub_message_size_bytes",
                 "Size of received messages, with their properties; one of "
                 "16 batches is measured",
                 {{"id", id}}, std::chrono::hours{1})});
}

} // namespace

std::size_t sender_meters_cache::outputs_of(const identity_id& sender) const {
  std::size_t count = 0;
  for (auto one = known_.lower_bound({sender, {}});
       one != known_.end() && one->first.first == sender; ++one)
    ++count;
  return count;
}

sender_meters_ptr sender_meters_cache::of(const message_head& head) {
  const auto* named = find_property(head.system, "outputName");
  std::pair key{head.sender,
                named && named->value ? *named->value : std::string{}};
  auto found = known_.find(key);
  if (found == known_.end() && outputs_of(key.first) >= most_outputs) {
    key.second = metrics::other;
    found = known_.find(key);
  }
  if (found != known_.end())
    return found->second;
  if (known_.size() >= most_entries)
    known_.clear();
  auto made = make(*meters_, to_string(key.first), key.second);
  known_.emplace(std::move(key), made);
  return made;
}

} // namespace tidegate
