#pragma once

#include "messages/identity_id.hpp"
#include "messages/iothub/sas_token.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <unordered_set>

namespace tidegate {

/// The questions about identities that the parent is asked: those under way and
/// those that wait for their turn. Each costs a connection to the parent, and
/// anybody can have one asked by making up an id. So few are asked at once, not
/// more than so many in a time, and those about identities that are known here
/// come first and are not held up by the others.
class identity_questions {
public:
  static constexpr std::size_t most_at_once = 8;
  /// Of those, about ids that nobody knows here.
  static constexpr std::size_t most_strange_at_once = 4;
  static constexpr std::size_t most_waiting = 1000; ///< of either kind
  /// Of either kind so many at once, then so many a second.
  static constexpr std::size_t burst = 200;
  static constexpr std::size_t per_second = 10;

  /// Whether one more may be added.
  bool has_room(bool known, sas_time now) {
    auto& kind = kinds_[known ? 0 : 1];
    return kind.waiting.size() < most_waiting && kind.has_any(now);
  }

  /// Has `id` asked about with `next`; `known` says that it is known here.
  /// False when there are too many such questions.
  bool add(const identity_id& id, bool known, sas_time now) {
    if (!has_room(known, now))
      return false;
    auto& kind = kinds_[known ? 0 : 1];
    --kind.left;
    kind.waiting.push_back(id);
    return true;
  }

  /// The next identity to ask about, now under way; nothing when none is to be
  /// begun.
  std::optional<identity_id> next() {
    for (auto& kind : kinds_) {
      const auto most
        = &kind == &kinds_.front() ? most_at_once : most_strange_at_once;
      if (kind.waiting.empty() || under_way_.size() >= most)
        continue;
      auto id = std::move(kind.waiting.front());
      kind.waiting.pop_front();
      under_way_.insert(id);
      return id;
    }
    return std::nullopt;
  }

  /// The question about `id` has been answered.
  void end(const identity_id& id) { under_way_.erase(id); }

  /// Forgets those that have not begun and that nobody waits for.
  template <class Predicate>
  void drop_unless(Predicate wanted) {
    for (auto& kind : kinds_)
      std::erase_if(kind.waiting,
                    [&](const identity_id& id) { return !wanted(id); });
  }

private:
  struct queue {
    std::deque<identity_id> waiting;
    std::size_t left = burst;
    sas_time counted{}; ///< when `left` was right

    bool has_any(sas_time now) {
      const auto passed = std::chrono::floor<std::chrono::seconds>(
        now - std::min(counted, now));
      const auto gained = static_cast<std::size_t>(
        std::min<std::int64_t>(passed.count(), burst));
      if (gained > 0)
        left = std::min(burst, left + gained * per_second);
      if (gained > 0 || now < counted)
        counted = now;
      return left > 0;
    }
  };

  std::array<queue, 2> kinds_; ///< known ones first
  std::unordered_set<identity_id> under_way_;
};

} // namespace tidegate
