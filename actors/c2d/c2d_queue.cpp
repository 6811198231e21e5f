#include "actors/c2d/c2d_queue.hpp"

#include <algorithm>

namespace tidegate {

void c2d_queue::add(c2d_record message) {
  const auto sequence = message.sequence;
  entries_[sequence] = {std::move(message), {}, {}};
}

const c2d_record* c2d_queue::lock_next(const std::string& token,
                                       c2d_moment now) {
  const auto under_way
    = std::count_if(entries_.begin(), entries_.end(),
                    [](const auto& one) { return !one.second.token.empty(); });
  if (static_cast<std::size_t>(under_way) >= limits_.in_flight)
    return nullptr;
  for (auto& [sequence, one] : entries_) {
    if (!one.token.empty() || one.message.expires <= now.wall)
      continue;
    one.token = token;
    one.locked_until = now.steady + limits_.lock;
    return &one.message;
  }
  return nullptr;
}

std::optional<c2d_queue::changes>
c2d_queue::decide(const std::string& token, c2d_outcome how, c2d_moment now) {
  const auto found
    = std::find_if(entries_.begin(), entries_.end(), [&](const auto& one) {
        return !token.empty() && one.second.token == token;
      });
  if (found == entries_.end())
    return std::nullopt;
  changes what;
  auto& one = found->second;
  if (how == c2d_outcome::complete)
    what.over.push_back({one.message, c2d_fate::success});
  else if (how == c2d_outcome::reject)
    what.over.push_back({one.message, c2d_fate::rejected});
  else
    release(one, now, what);
  forget(what);
  return what;
}

c2d_queue::changes c2d_queue::release_all(c2d_moment now) {
  changes what;
  for (auto& [sequence, one] : entries_)
    if (!one.token.empty())
      release(one, now, what);
  forget(what);
  return what;
}

c2d_queue::changes c2d_queue::pass(c2d_moment now) {
  changes what;
  for (auto& [sequence, one] : entries_) {
    if (one.token.empty()) {
      if (one.message.expires <= now.wall)
        what.over.push_back({one.message, c2d_fate::expired});
    } else if (one.locked_until <= now.steady) {
      release(one, now, what);
    }
  }
  forget(what);
  return what;
}

c2d_queue::changes c2d_queue::purge() {
  changes what;
  for (const auto& [sequence, one] : entries_)
    what.over.push_back({one.message, c2d_fate::purged});
  forget(what);
  return what;
}

std::optional<std::chrono::milliseconds>
c2d_queue::next_due(c2d_moment now) const {
  using std::chrono::ceil, std::chrono::milliseconds;
  std::optional<milliseconds> first;
  for (const auto& [sequence, one] : entries_) {
    if (one.token.empty() && one.message.expires == no_expiry)
      continue;
    const auto wait = one.token.empty()
                        ? one.message.expires - now.wall
                        : ceil<milliseconds>(one.locked_until - now.steady);
    first = std::min(first.value_or(wait), wait);
  }
  return first;
}

/// Counts an attempt that had no effect: the message waits again, or ends.
void c2d_queue::release(entry& one, c2d_moment now, changes& into) const {
  one.token.clear();
  ++one.message.delivery_count;
  if (one.message.delivery_count >= limits_.deliveries)
    into.over.push_back({one.message, c2d_fate::delivery_count_exceeded});
  else if (one.message.expires <= now.wall)
    into.over.push_back({one.message, c2d_fate::expired});
  else
    into.again.push_back(one.message);
}

void c2d_queue::forget(const changes& what) {
  for (const auto& one : what.over)
    entries_.erase(one.message.sequence);
}

} // namespace tidegate
