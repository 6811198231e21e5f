#pragma once

#include "messages/lane.hpp"

#include <algorithm>
#include <span>

namespace tidegate {

/// Whether a message for `arriving` that finds the store full may push out
/// messages of `from`. What a `reject` route has stored is never pushed out.
/// Other lanes make room for messages of their own priority or a higher one
/// (a lower number); between `drop-oldest` lanes priorities do not matter.
constexpr bool may_evict(const lane_key& from, const lane_key& arriving) {
  if (from.full == on_full::reject)
    return false;
  return from.priority >= arriving.priority
         || (from.full == on_full::drop_oldest
             && arriving.full == on_full::drop_oldest);
}

/// Decides which lane gives up its oldest messages for some that arrive
/// together; they get what one of them would.
class eviction_order {
public:
  explicit eviction_order(std::span<const lane_key> arriving)
    : arriving_{arriving}, by_age_{std::all_of(arriving.begin(), arriving.end(),
                                               [](const lane_key& key) {
                                                 return key.full
                                                        == on_full::drop_oldest;
                                               })} {}

  bool allows(const lane_key& from) const {
    return std::any_of(
      arriving_.begin(), arriving_.end(),
      [&from](const lane_key& key) { return may_evict(from, key); });
  }

  /// Whether `one`, whose oldest message was stored at `one_since`, gives up
  /// before `other`: for `drop-oldest` messages the older, for all others that
  /// of lower priority, and the older among equals.
  bool goes_first(const lane_key& one, wall_time one_since,
                  const lane_key& other, wall_time other_since) const {
    if (!by_age_ && one.priority != other.priority)
      return one.priority > other.priority;
    return one_since < other_since;
  }

private:
  std::span<const lane_key> arriving_;
  bool by_age_;
};

} // namespace tidegate
