#pragma once

#include "messages/bytes.hpp"

#include <caf/expected.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidegate {

/// What the parent answered to a question about a twin.
struct remote_answer {
  bytes body;
  std::int64_t version = 0; ///< of reported properties, if it is told
};

/// Questions to the parent about one twin that have no answer yet, oldest
/// first. Few: whoever asks has a window.
class remote_calls {
public:
  using clock = std::chrono::steady_clock;
  /// Called once per question, whatever becomes of it.
  using end = std::function<void(const caf::expected<remote_answer>&)>;

  struct call {
    std::string correlation;
    clock::time_point asked{};
    end then;
  };

  bool empty() const { return calls_.empty(); }

  void add(std::string correlation, clock::time_point asked, end then) {
    calls_.push_back({std::move(correlation), asked, std::move(then)});
  }

  bool waits_for(std::string_view correlation) const {
    return std::any_of(calls_.begin(), calls_.end(), [&](const call& one) {
      return one.correlation == correlation;
    });
  }

  /// The question that an answer belongs to; nothing when nobody waits for it.
  std::optional<call> take(std::string_view correlation) {
    const auto found
      = std::find_if(calls_.begin(), calls_.end(), [&](const call& one) {
          return one.correlation == correlation;
        });
    if (found == calls_.end())
      return std::nullopt;
    auto taken = std::move(*found);
    calls_.erase(found);
    return taken;
  }

  /// Those that were asked at `limit` or before.
  std::vector<call> take_until(clock::time_point limit) {
    const auto younger
      = std::find_if(calls_.begin(), calls_.end(),
                     [&](const call& one) { return one.asked > limit; });
    std::vector<call> taken{std::make_move_iterator(calls_.begin()),
                            std::make_move_iterator(younger)};
    calls_.erase(calls_.begin(), younger);
    return taken;
  }

  std::vector<call> take_all() { return std::exchange(calls_, {}); }

private:
  std::vector<call> calls_;
};

} // namespace tidegate
