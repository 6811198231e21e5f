#pragma once

#include "actors/metrics.hpp"
#include "messages/message_head.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>

namespace tidegate {

/// The edge hub's metrics for messages that reached their target (edge-hub
/// spec, section 11).
struct sent_meters {
  prometheus::Counter* sent = nullptr;
  prometheus::Summary* duration = nullptr;
};

/// Finds the instruments for what one target takes, without asking the
/// registry for each message.
class sent_meters_cache {
public:
  /// `to` is the target as metrics name it: `upstream` or a module's id.
  sent_meters_cache(std::shared_ptr<metrics> meters, std::string to);

  sent_meters of(const head_ptr& head, const std::string& input,
                 std::uint32_t priority);

private:
  /// Senders and outputs are many; past this the cache starts anew.
  static constexpr std::size_t most_entries = 256;
  using key = std::tuple<identity_id, std::string, std::string, std::uint32_t>;

  std::shared_ptr<metrics> meters_;
  std::string to_;
  std::map<key, sent_meters> known_;
  head_ptr last_head_; ///< neighbours mostly have the same
  std::string last_input_;
  std::uint32_t last_priority_ = 0;
  sent_meters last_;
};

} // namespace tidegate
