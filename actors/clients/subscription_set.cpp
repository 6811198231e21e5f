#include "actors/clients/subscription_set.hpp"

#include "messages/mqtt/topic_filter.hpp"

#include <algorithm>

namespace tidegate {

subscription_set::subscription_set(std::size_t limit,
                                   std::vector<granted_filter> restored)
  : limit_{limit}, all_{std::move(restored)} {}

std::optional<mqtt::qos> subscription_set::add(const mqtt::subscription& wish) {
  const auto granted = std::min(wish.quality, mqtt::qos::at_least_once);
  for (auto& entry : all_) {
    if (entry.filter == wish.filter) {
      entry.quality = granted;
      return granted;
    }
  }
  if (all_.size() >= limit_)
    return std::nullopt;
  all_.push_back({std::string{wish.filter}, granted});
  return granted;
}

void subscription_set::remove(std::string_view filter) {
  std::erase_if(all_,
                [filter](const auto& entry) { return entry.filter == filter; });
}

std::optional<mqtt::qos>
subscription_set::quality_for(std::string_view topic) const {
  std::optional<mqtt::qos> best;
  for (const auto& [filter, quality] : all_)
    if ((!best || *best < quality) && matches(filter, topic))
      best = quality;
  return best;
}

bool subscription_set::has(subscription_kind kind) const {
  return std::any_of(all_.begin(), all_.end(), [kind](const auto& entry) {
    return classify_subscription(entry.filter) == kind;
  });
}

} // namespace tidegate
