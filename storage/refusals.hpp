#pragma once

#include <cstdint>
#include <unordered_map>

namespace tidegate {

/// Keeps the order of a sender whose append was refused: whatever it had sent
/// before it learned of that is refused as well, or it would overtake what the
/// sender is going to send again.
///
/// A sender gives each append its attempt, a number that it raises each time
/// it learns of a refusal. Nothing of an attempt is taken after a refusal.
class refusals {
public:
  /// One that sends appends, by its actor's id; 0 for one that keeps no order.
  using sender = std::uint64_t;

  /// Whether an append of `attempt` stands behind one that was refused.
  bool stands_behind(sender who, std::uint64_t attempt) const {
    const auto known = refused_.find(who);
    return known != refused_.end() && attempt <= known->second;
  }

  /// Remembers that an append of `attempt` was refused.
  void add(sender who, std::uint64_t attempt) {
    if (who != 0)
      refused_[who] = attempt;
  }

  /// The sender is gone and nothing of it is on its way.
  void forget(sender who) { refused_.erase(who); }

private:
  /// The attempt of the last append that was refused.
  std::unordered_map<sender, std::uint64_t> refused_;
};

} // namespace tidegate
