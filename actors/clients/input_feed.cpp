#include "actors/clients/input_feed.hpp"

#include "messages/iothub/outbound_topic.hpp"
#include "messages/mqtt/encode.hpp"

#include <algorithm>
#include <utility>

namespace tidegate {

namespace {

constexpr std::uint32_t most_messages = 60'000;
constexpr std::size_t most_sources = 64;
constexpr std::size_t most_topics = 64;
constexpr std::uint64_t command_mark = 1;

bool continues(const delivered_range& range, lane_id lane, std::uint64_t first,
               delivery_result result) {
  return range.lane == lane && range.result == result
         && range.first + range.count == first;
}

} // namespace

input_feed::input_feed(identity_id module, window limit)
  : module_{std::move(module)}, limit_{limit} {
  limit_.messages = std::clamp(limit_.messages, 1u, most_messages);
}

void input_feed::take(const deliver& wish) {
  const auto source = source_of(wish);
  for (const auto& item : wish.items)
    if (item.from < item.to)
      waiting_.push_back({source, item});
}

std::size_t input_feed::source_of(const deliver& wish) {
  for (std::size_t i = 0; i < sources_.size(); ++i)
    if (sources_[i].route == wish.route && sources_[i].input == wish.input)
      return i;
  // Routes come and go: forget those of old when nothing refers to them.
  if (sources_.size() >= most_sources && waiting_.empty() && runs_.empty())
    sources_.clear();
  sources_.push_back({wish.route, wish.input, {}, 0});
  return sources_.size() - 1;
}

const input_feed::known_topic&
input_feed::topic_of(origin& from, const head_ptr& head,
                     const subscription_set& subscriptions) {
  auto& topics = from.topics;
  if (from.last_topic < topics.size() && topics[from.last_topic].head == head)
    return topics[from.last_topic];
  const auto known
    = std::find_if(topics.begin(), topics.end(),
                   [&head](const auto& entry) { return entry.head == head; });
  if (known != topics.end()) {
    from.last_topic = static_cast<std::size_t>(known - topics.begin());
    return *known;
  }
  if (topics.size() >= most_topics)
    topics.clear();
  auto topic = input_topic(module_, from.input, outbound_properties(*head));
  auto quality = subscriptions.quality_for(topic);
  if (quality)
    quality = std::min(*quality, wanted_quality(*head));
  from.last_topic = topics.size();
  return topics.emplace_back(head, std::move(topic), quality);
}

bool input_feed::has_room() const {
  return undrained_bytes_ < limit_.bytes
         && (in_flight_ == 0
             || (in_flight_ < limit_.messages
                 && in_flight_bytes_ < limit_.bytes));
}

void input_feed::send(const subscription_set& subscriptions, std::string& out) {
  while (!waiting_.empty() && has_room()) {
    auto& next = waiting_.front();
    send_one(next, subscriptions, out);
    if (++next.item.from == next.item.to)
      waiting_.pop_front();
  }
}

void input_feed::send_one(waiting_item& next,
                          const subscription_set& subscriptions,
                          std::string& out) {
  const auto index = next.item.from;
  const auto& block = *next.item.block.data;
  const auto& known
    = topic_of(sources_[next.source], block.head(index), subscriptions);
  mqtt::publish packet;
  packet.topic = known.topic;
  packet.payload = block.payload(index);
  packet.quality = known.quality.value_or(mqtt::qos::at_most_once);
  const bool confirmed = packet.quality != mqtt::qos::at_most_once;
  if (confirmed)
    packet.packet_id = next_id_;
  if (!known.quality || !encode(out, packet))
    return tell(next.source, next.item, 1, delivery_result::poison);
  if (!confirmed) {
    undrained_bytes_ += packet.payload.size();
    return tell(next.source, next.item, 1, delivery_result::done);
  }
  remember(next, take_id());
  in_flight_bytes_ += packet.payload.size();
}

void input_feed::remember(const waiting_item& sent, std::uint16_t id) {
  ++in_flight_;
  if (!runs_.empty()) {
    auto& [source, item, first_id] = runs_.back();
    if (source == sent.source && item.block.data == sent.item.block.data
        && item.to == sent.item.from && first_id < id
        && std::uint32_t{first_id} + (item.to - item.from) == id) {
      ++item.to;
      return;
    }
  }
  runs_.push_back({sent.source, sent.item, id});
  runs_.back().item.to = sent.item.from + 1;
}

bool input_feed::publish(mqtt::publish packet, bool command, std::string& out) {
  packet.quality = mqtt::qos::at_least_once;
  packet.packet_id = next_id_;
  if (!encode(out, packet))
    return false;
  ++in_flight_;
  runs_.push_back({0, {{}, {command ? command_mark : 0, {}}, 0, 1}, take_id()});
  return true;
}

bool input_feed::acknowledge(std::uint16_t packet_id) {
  if (runs_.empty() || runs_.front().id != packet_id)
    return false;
  auto& oldest = runs_.front();
  --in_flight_;
  if (const auto& block = oldest.item.block.data) {
    in_flight_bytes_ -= block->payload(oldest.item.from).size();
    tell(oldest.source, oldest.item, 1, delivery_result::done);
  } else if (oldest.item.block.first == command_mark) {
    ++commands_;
  }
  ++oldest.id;
  if (++oldest.item.from == oldest.item.to)
    runs_.pop_front();
  return true;
}

void input_feed::give_up() {
  for (const auto& [source, item, id] : runs_)
    if (item.block.data)
      tell(source, item, item.to - item.from, delivery_result::retry);
  for (const auto& [source, item] : waiting_)
    tell(source, item, item.to - item.from, delivery_result::retry);
  runs_.clear();
  waiting_.clear();
  in_flight_ = 0;
  in_flight_bytes_ = 0;
}

void input_feed::subscriptions_changed() {
  for (auto& each : sources_)
    each.topics.clear();
}

void input_feed::tell(std::size_t source, const delivery& item,
                      std::uint32_t count, delivery_result result) {
  const auto& route = sources_[source].route;
  auto to = std::find_if(
    answers_.begin(), answers_.end(),
    [&route](const answer& known) { return known.route == route; });
  if (to == answers_.end())
    to = answers_.insert(to, {route, {}});
  auto& ranges = to->ranges.ranges;
  const auto first = item.block.first + item.from;
  if (!ranges.empty() && continues(ranges.back(), item.lane, first, result))
    ranges.back().count += count;
  else
    ranges.push_back({item.lane, first, count, result});
}

std::vector<input_feed::answer> input_feed::take_answers() {
  return std::exchange(answers_, {});
}

mqtt::qos wanted_quality(const message_head& head) {
  const auto* entry = find_property(head.user, "mqtt-qos");
  return entry && entry->value == "0" ? mqtt::qos::at_most_once
                                      : mqtt::qos::at_least_once;
}

std::uint16_t input_feed::take_id() {
  const auto id = next_id_;
  next_id_
    = id == 65'535 ? std::uint16_t{1} : static_cast<std::uint16_t>(id + 1);
  return id;
}

} // namespace tidegate
