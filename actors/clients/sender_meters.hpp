#pragma once

#include "actors/metrics.hpp"
#include "messages/message_head.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace tidegate {

/// The edge hub's metrics for what one sender sends through one output
/// (edge-hub spec, section 11).
struct sender_meters {
  prometheus::Counter* received;
  prometheus::Counter* no_route;
  prometheus::Counter* storage_failure;
  prometheus::Summary* size;
};

using sender_meters_ptr = std::shared_ptr<const sender_meters>;

/// Finds the instruments of a head without asking the registry each time, which
/// costs more than the message. Outputs are named by clients, who may name any
/// number: past `most_outputs` of one sender its further ones share one.
class sender_meters_cache {
public:
  explicit sender_meters_cache(std::shared_ptr<metrics> meters)
    : meters_{std::move(meters)} {}

  static constexpr std::size_t most_outputs = 64;

  sender_meters_ptr of(const message_head& head);

private:
  /// Of all senders of a session; past this many the cache starts anew.
  static constexpr std::size_t most_entries = 1024;

  std::size_t outputs_of(const identity_id& sender) const;

  std::shared_ptr<metrics> meters_;
  std::map<std::pair<identity_id, std::string>, sender_meters_ptr> known_;
};

} // namespace tidegate
