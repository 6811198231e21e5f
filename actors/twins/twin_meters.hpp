#pragma once

#include "actors/metrics.hpp"
#include "messages/identity_id.hpp"

#include <caf/error.hpp>
#include <chrono>
#include <memory>
#include <unordered_map>

namespace tidegate {

/// Who served a twin or took a change of it, as metrics name it (edge-hub spec,
/// section 11).
enum class twin_side : std::uint8_t { edge_hub, upstream };

/// Counts and times what is done with twins. For one actor.
class twin_meters {
public:
  using duration = std::chrono::duration<double>; ///< seconds

  explicit twin_meters(std::shared_ptr<metrics> all) : all_{std::move(all)} {}

  void got(const identity_id& id, twin_side source, duration took);
  void reported(const identity_id& id, twin_side target, duration took);
  /// What is stored of the twin of `id` cannot be read.
  void unreadable(const identity_id& id, const caf::error& why) const;

private:
  struct pair {
    prometheus::Counter* count = nullptr;
    prometheus::Summary* time = nullptr;
  };
  struct known {
    pair got[2], reported[2];
  };

  known& of(const identity_id& id);

  std::shared_ptr<metrics> all_;
  std::unordered_map<identity_id, known> known_;
};

} // namespace tidegate
