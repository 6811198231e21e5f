#include "actors/routing/route_meters.hpp"

namespace tidegate {

namespace {

/// Senders and outputs whose instruments are remembered; then all are looked
/// up anew.
constexpr std::size_t most_known = 10'000;

/// Outputs of one sender; its further ones share one, because looking up costs
/// more than delivering.
constexpr std::size_t most_outputs = 64;

constexpr std::uint32_t calls_per_measurement = 16;

double seconds(auto duration) {
  return std::chrono::duration<double>(duration).count();
}

std::string output_of(const message_head& head) {
  const auto* output = find_property(head.system, "outputName");
  return output && output->value ? *output->value : std::string{};
}

} // namespace

route_meters::route_meters(std::shared_ptr<metrics> all, std::string endpoint,
                           std::string to, std::string input)
  : all_{std::move(all)}, endpoint_{std::move(endpoint)}, to_{std::move(to)},
    input_{std::move(input)} {}

const route_meters::instruments& route_meters::find(const head_ptr& head,
                                                    std::uint32_t priority) {
  if (latest_.head == head && latest_.priority == priority)
    return *latest_.found;
  auto output = output_of(*head);
  key_ = head->sender.device;
  key_ += '\0';
  key_ += head->sender.module;
  key_ += '\0';
  const auto start = key_.size();
  const auto find_output = [&] {
    key_ += output;
    key_ += '\0';
    key_ += std::to_string(priority);
    return known_.find(key_);
  };
  auto known = find_output();
  if (known == known_.end()) {
    if (known_.size() >= most_known) {
      known_.clear();
      outputs_.clear();
    }
    auto& count = outputs_[key_.substr(0, start)];
    if (count >= most_outputs) {
      key_.resize(start);
      output = metrics::other;
      known = find_output();
    }
    if (known == known_.end()) {
      ++count;
      known = known_.emplace(key_, look_up(*head, output, priority)).first;
    }
  }
  latest_ = {head, priority, &known->second};
  return known->second;
}

route_meters::instruments route_meters::look_up(const message_head& head,
                                                const std::string& output,
                                                std::uint32_t priority) {
  const auto from = to_string(head.sender);
  const auto number = std::to_string(priority);
  instruments entry;
  entry.sent = &all_->counter("edgehub_messages_sent_total",
                              "Messages that their target took",
                              {{"from", from},
                               {"to", to_},
                               {"from_route_output", output},
                               {"to_route_input", input_},
                               {"priority", number},
                               {"ms_telemetry", "True"}});
  entry.send_duration
    = &all_->summary("edgehub_message_send_duration_seconds",
                     "Time from giving messages to a target until it took "
                     "them.",
                     {{"from", from},
                      {"to", to_},
                      {"from_route_output", output},
                      {"to_route_input", input_}});
  entry.process_duration
    = &all_->summary("edgehub_message_process_duration_seconds",
                     "Time from storing messages until their target took "
                     "them.",
                     {{"from", from},
                      {"to", to_},
                      {"priority", number},
                      {"ms_telemetry", "True"}});
  entry.expired
    = &all_->counter("edgehub_messages_dropped_total", "Messages given up",
                     {{"reason", "ttl_expiry"},
                      {"from", from},
                      {"from_route_output", output},
                      {"ms_telemetry", "True"}});
  return entry;
}

void route_meters::delivered(const head_ptr& head, std::uint32_t priority,
                             std::uint32_t count, std::chrono::milliseconds age,
                             std::chrono::steady_clock::duration waited) {
  if (!all_)
    return;
  const auto& with = find(head, priority);
  with.sent->Increment(count);
  if (calls_++ % calls_per_measurement != 0)
    return;
  with.send_duration->Observe(seconds(waited));
  with.process_duration->Observe(seconds(age));
}

void route_meters::expired(const head_ptr& head, std::uint32_t priority,
                           std::uint32_t count) {
  if (all_)
    find(head, priority).expired->Increment(count);
}

void route_meters::queue(std::uint32_t priority, std::uint64_t length) {
  if (!all_)
    return;
  auto& gauge = queues_[priority];
  if (!gauge)
    gauge = &all_->gauge("edgehub_queue_length",
                         "Messages that wait for their target",
                         {{"endpoint", endpoint_},
                          {"priority", std::to_string(priority)},
                          {"ms_telemetry", "True"}});
  gauge->Set(static_cast<double>(length));
}

} // namespace tidegate
