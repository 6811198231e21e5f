#include "storage/lane_progress.hpp"

#include <algorithm>

namespace tidegate {

namespace {

std::uint64_t& counter(lane_ledger& ledger, outcome how) {
  switch (how) {
  case outcome::expired:
    return ledger.expired;
  case outcome::rejected:
    return ledger.rejected;
  case outcome::evicted:
    return ledger.evicted;
  case outcome::delivered:
    break;
  }
  return ledger.delivered;
}

void jump_gaps(lane_record& lane) {
  auto& cursor = lane.status.cursor;
  auto gap = lane.gaps.begin();
  for (; gap != lane.gaps.end() && gap->first <= cursor; ++gap)
    cursor = std::max(cursor, gap->end);
  lane.gaps.erase(lane.gaps.begin(), gap);
}

/// The first offset ahead of the cursor that is not an ordinary record.
std::uint64_t stretch_end(const lane_record& lane) {
  return lane.gaps.empty() ? lane.status.next : lane.gaps.front().first;
}

/// Blocks are not weighed one by one when the cursor passes: what is pending
/// keeps its share of the bytes, and an empty lane has none. The other share
/// waits to be trimmed.
class byte_share {
public:
  explicit byte_share(lane_record& lane)
    : lane_(lane), before_(lane.status.ledger.pending()) {}
  ~byte_share() {
    const auto after = lane_.status.ledger.pending();
    if (after == before_)
      return;
    auto& bytes = lane_.status.bytes;
    const auto kept = static_cast<std::uint64_t>(
      static_cast<double>(bytes) * static_cast<double>(after)
      / static_cast<double>(before_));
    lane_.untrimmed += bytes - std::min(bytes, kept);
    bytes = kept;
  }
  byte_share(const byte_share&) = delete;
  byte_share& operator=(const byte_share&) = delete;

private:
  lane_record& lane_;
  std::uint64_t before_;
};

} // namespace

std::uint64_t accept(lane_record& lane, std::uint64_t count,
                     std::uint64_t bytes) {
  const auto first = lane.status.next;
  lane.status.next += count;
  lane.status.ledger.accepted += count;
  lane.status.bytes += bytes;
  return first;
}

route_share& share_of(lane_record& lane, std::string_view route) {
  auto& all = lane.routes;
  const auto find = [&all](std::string_view name) {
    return std::find_if(all.begin(), all.end(), [name](const auto& share) {
      return share.route == name;
    });
  };
  if (const auto known = find(route); known != all.end())
    return *known;
  const auto full = all.size() >= most_route_shares;
  if (const auto others = find(other_routes); full && others != all.end())
    return *others;
  all.push_back({std::string{full ? other_routes : route}});
  return all.back();
}

std::string settle(lane_record& lane, std::uint64_t first,
                   std::span<const settled_run> runs) {
  auto& cursor = lane.status.cursor;
  if (first > cursor)
    return "settled from offset " + std::to_string(first)
           + ", but the cursor is at " + std::to_string(cursor);
  const byte_share share{lane};
  auto position = first;
  for (const auto& [count, how] : runs) {
    const auto end = position + count;
    while (position < end) {
      // Settled, evicted or lost already.
      if (position < cursor) {
        position = std::min(end, cursor);
        continue;
      }
      if (cursor == lane.status.next)
        return "settled up to offset " + std::to_string(end)
               + ", but the lane ends at " + std::to_string(cursor);
      const auto step = std::min(end, stretch_end(lane)) - cursor;
      counter(lane.status.ledger, how) += step;
      cursor += step;
      position = cursor;
      jump_gaps(lane);
    }
  }
  return {};
}

std::uint64_t evict(lane_record& lane, std::uint64_t end) {
  auto& cursor = lane.status.cursor;
  const byte_share share{lane};
  end = std::min(end, lane.status.next);
  auto evicted = std::uint64_t{0};
  while (cursor < end) {
    const auto step = std::min(end, stretch_end(lane)) - cursor;
    evicted += step;
    cursor += step;
    jump_gaps(lane);
  }
  lane.status.ledger.evicted += evicted;
  return evicted;
}

std::uint64_t damage(lane_record& lane, std::uint64_t first,
                     std::uint64_t end) {
  const byte_share share{lane};
  first = std::max(first, lane.status.cursor);
  end = std::min(end, lane.status.next);
  auto damaged = std::uint64_t{0};
  auto& gaps = lane.gaps;
  auto at = gaps.begin();
  while (first < end) {
    while (at != gaps.end() && at->end <= first)
      ++at;
    if (at != gaps.end() && at->first <= first) {
      first = at->end;
      continue;
    }
    const auto stop = at == gaps.end() ? end : std::min(end, at->first);
    damaged += stop - first;
    at = gaps.insert(at, {first, stop});
    first = stop;
  }
  // Neighbours become one, so that gaps stay apart from each other.
  for (std::size_t i = 1; i < gaps.size();) {
    if (gaps[i - 1].end == gaps[i].first) {
      gaps[i - 1].end = gaps[i].end;
      gaps.erase(gaps.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      ++i;
    }
  }
  lane.status.ledger.damaged += damaged;
  jump_gaps(lane);
  return damaged;
}

} // namespace tidegate
