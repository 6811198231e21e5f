#include "actors/uplink/poison_trial.hpp"

#include <algorithm>

namespace tidegate {

namespace {

/// A parent that does not take a message ends the connection when it sees it:
/// at once, or when all of it has come over a slow line. What ends later ends
/// for another reason, a lack of answers at that.
constexpr auto prompt = std::chrono::seconds{5};
constexpr std::size_t slow_line = 16'384; ///< bytes in a second

given_records part(const caf::actor& route, const delivery& item,
                   std::uint32_t from, std::uint32_t to) {
  given_records made{route, item};
  made.records.from = from;
  made.records.to = to;
  return made;
}

} // namespace

std::vector<given_records> poison_trial::take(const caf::actor& route,
                                              const delivery& item) {
  const auto& suspect = order_.suspect;
  if (held_suspect_) {
    behind_.push_back({route, item});
    return {};
  }
  const auto at = [&](std::uint32_t index) { return item.block.first + index; };
  if (at_ == phase::gone || item.lane != suspect.lane
      || at(item.to) <= suspect.offset)
    return {{route, item}};
  if (at(item.from) > suspect.offset) { // it expired, or was evicted
    at_ = phase::gone;
    return {{route, item}};
  }
  const auto index
    = static_cast<std::uint32_t>(suspect.offset - item.block.first);
  held_suspect_ = part(route, item, index, index + 1);
  if (index + 1 < item.to)
    behind_.push_back(part(route, item, index + 1, item.to));
  if (index == item.from)
    return {};
  return {part(route, item, item.from, index)};
}

/// One that was taken before. Otherwise, when that is wanted, the smallest from
/// behind the suspect, or, when such a one did not help, each in turn.
std::optional<message_copy> poison_trial::choose_probe() const {
  if (order_.probe || !order_.from_behind)
    return order_.probe;
  std::vector<message_copy> all;
  for (const auto& [route, records] : behind_)
    for (auto at = records.from; at < records.to; ++at)
      all.push_back({records.block.data, at});
  if (all.empty())
    return std::nullopt;
  if (*order_.from_behind > 0)
    return all[(*order_.from_behind - 1) % all.size()];
  return *std::ranges::min_element(all, {}, [](const message_copy& one) {
    return one.data->payload(one.at).size()
           + properties_size(*one.data->head(one.at));
  });
}

poison_trial::step poison_trial::send(clock::time_point now) {
  at_ = phase::sent;
  sent_at_ = now;
  return step::send;
}

/// The parent has taken what was on its way: that proves as much as a probe.
poison_trial::step poison_trial::send_next(clock::time_point now) {
  if (behind_.empty() || one_by_one_++ == most_one_by_one)
    return step::over;
  auto& [route, records] = behind_.front();
  held_suspect_ = part(route, records, records.from, records.from + 1);
  order_.suspect = {records.lane, records.block.first + records.from,
                    records.block.data->payload(records.from).size()};
  if (++records.from == records.to)
    behind_.pop_front();
  proved_ = true;
  return send(now);
}

poison_trial::step poison_trial::next(clock::time_point now) {
  if (at_ == phase::gone)
    return step::over;
  if (at_ == phase::sent)
    return send_next(now);
  if (!held_suspect_ || at_ == phase::probing)
    return step::wait;
  if (order_.give_up)
    return step::give_up;
  if (at_ == phase::waiting && (probe_ = choose_probe())) {
    at_ = phase::probing;
    return step::probe;
  }
  return send(now); // an end tells nothing when no probe was taken
}

bool poison_trial::tells(clock::time_point now) const {
  const auto transfer = std::chrono::seconds{order_.suspect.size / slow_line};
  return at_ == phase::sent && proved_ && now - sent_at_ <= prompt + transfer;
}

void poison_trial::describe(session_end& how, clock::time_point now) const {
  how.tried_alone = tells(now);
  how.probe_lost = probing();
  how.alone_unproved = unproved();
  if (sent() && !how.tried_alone && !how.alone_unproved)
    how.by_parent = false;
}

} // namespace tidegate
