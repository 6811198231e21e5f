#pragma once

#include "messages/iothub/subscription_kind.hpp"
#include "messages/mqtt/packet.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidegate {

/// A filter that was granted, and at which quality.
struct granted_filter {
  std::string filter;
  mqtt::qos quality = mqtt::qos::at_most_once;

  bool operator==(const granted_filter&) const = default;
};

/// The subscriptions of one session, at most `limit` of them.
class subscription_set {
public:
  explicit subscription_set(std::size_t limit,
                            std::vector<granted_filter> restored = {});

  /// Adds a filter, or changes the quality it was granted at. Returns the
  /// quality granted, at most 1 (edge-hub spec 1.4), or nothing when the
  /// limit is reached.
  std::optional<mqtt::qos> add(const mqtt::subscription& wish);

  void remove(std::string_view filter);

  /// The best quality that a filter for `topic` was granted at; nothing when
  /// none selects it.
  std::optional<mqtt::qos> quality_for(std::string_view topic) const;

  /// Whether any filter is of that kind.
  bool has(subscription_kind kind) const;

  const std::vector<granted_filter>& all() const { return all_; }

private:
  std::size_t limit_;
  std::vector<granted_filter> all_;
};

} // namespace tidegate
