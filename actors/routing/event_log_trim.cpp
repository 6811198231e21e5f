#include "actors/routing/event_log_trim.hpp"

#include "actors/routing/event_search.hpp"
#include "messages/ec.hpp"

#include <algorithm>
#include <caf/send.hpp>
#include <functional>
#include <string>
#include <utility>

namespace tidegate {

namespace {

using self_pointer = event_log_actor::stateful_pointer<event_log_state>;
/// What to do once an offset is known.
using with_offset = std::function<void(std::uint64_t)>;
using on_failure = std::function<void(const caf::error&)>;

constexpr auto request_timeout = std::chrono::seconds{60};
constexpr std::size_t page_bytes = 1u << 20;
/// A log gives way in steps of this part of what it may keep.
constexpr std::uint64_t steps = 32;

std::chrono::milliseconds step_of(std::chrono::milliseconds age) {
  return age / steps;
}

/// Removes events [cursor, to).
void cut(self_pointer self, std::uint64_t to, outcome how) {
  auto& state = self->state;
  auto& lane = *state.lane;
  to = std::min(to, lane.next);
  if (to <= lane.cursor)
    return;
  constexpr auto most = std::numeric_limits<std::uint32_t>::max();
  settle_lane settlement{lane.id, lane.cursor, {}};
  for (auto left = to - lane.cursor; left > 0;) {
    const auto count
      = static_cast<std::uint32_t>(std::min<std::uint64_t>(left, most));
    settlement.runs.push_back({count, how});
    left -= count;
  }
  move_beginning(state, to);
  caf::anon_send(state.context.store, std::move(settlement));
}

/// The first event that was stored after a time, by looking at single blocks.
void find_after(self_pointer self, const std::shared_ptr<event_search>& search,
                with_offset then, on_failure failed) {
  const auto probe = search->probe();
  if (!probe)
    return then(search->found());
  self
    ->request(self->state.context.reader, request_timeout,
              read_lane{self->state.lane->id, *probe, 1})
    .then(
      [=](const lane_stored& found) {
        if (found.blocks.empty()) {
          search->saw_nothing();
        } else {
          const auto& block = found.blocks.front();
          search->saw(block.first, block.end(), block.data->enqueued());
        }
        find_after(self, search, then, failed);
      },
      [failed](const caf::error& error) { failed(error); });
}

void find_after(self_pointer self, wall_time after, with_offset then,
                on_failure failed) {
  const auto& lane = *self->state.lane;
  find_after(self,
             std::make_shared<event_search>(after, lane.cursor, lane.next),
             std::move(then), std::move(failed));
}

void find_size(self_pointer self, std::uint64_t bytes, with_offset then,
               on_failure failed) {
  self
    ->request(self->state.context.reader, request_timeout,
              find_newest{self->state.lane->id, bytes})
    .then(
      [then = std::move(then)](const lane_place& found) { then(found.offset); },
      [failed = std::move(failed)](const caf::error& error) { failed(error); });
}

void weigh(self_pointer self, std::uint64_t from, std::uint64_t end,
           with_offset then, on_failure failed) {
  self
    ->request(self->state.context.reader, request_timeout,
              weigh_lane{self->state.lane->id, from, end})
    .then(
      [then = std::move(then)](const lane_weight& found) { then(found.bytes); },
      [failed = std::move(failed)](const caf::error& error) { failed(error); });
}

bool knows_head(const event_log_state& state) {
  const auto& head = state.head;
  const auto cursor = state.lane->cursor;
  return head && head->first <= cursor && cursor < head->end();
}

/// Up to where all of `blocks` has expired, from `cursor` on.
std::uint64_t expired_end(const std::vector<stored_block>& blocks,
                          std::uint64_t cursor, elapsed_time now) {
  for (const auto& block : blocks)
    for (auto offset = std::max(block.first, cursor); offset < block.end();
         cursor = ++offset)
      if (block.data->expires(static_cast<std::uint32_t>(offset - block.first))
          > now)
        return cursor;
  return cursor;
}

/// Known without a look at the disk.
bool head_lives(const event_log_state& state) {
  const auto cursor = state.lane->cursor;
  return knows_head(state)
         && expired_end({*state.head}, cursor, state.context.elapsed())
              == cursor;
}

/// Settles the oldest messages as far as all of them have expired.
void expire_head(self_pointer self, const std::function<void()>& then) {
  auto& state = self->state;
  if (!state.lane || state.lane->cursor == state.lane->next
      || head_lives(state))
    return then();
  self
    ->request(state.context.reader, request_timeout,
              read_lane{state.lane->id, state.lane->cursor, page_bytes})
    .then(
      [self, then](const lane_stored& found) {
        auto& now = self->state;
        const auto& blocks = found.blocks;
        const auto end
          = expired_end(blocks, now.lane->cursor, now.context.elapsed());
        const auto went = end > now.lane->cursor;
        cut(self, end, outcome::expired);
        const auto head
          = std::find_if(blocks.begin(), blocks.end(), [&](const auto& block) {
              return block.end() > now.lane->cursor;
            });
        if (head != blocks.end())
          now.head = *head;
        // The page was not enough.
        if (went && head == blocks.end())
          return expire_head(self, then);
        then();
      },
      [then](const caf::error&) { then(); });
}

/// Lets go what is too old.
void limit_age(self_pointer self, const std::function<void()>& then) {
  auto& state = self->state;
  const auto& age = state.retention.age;
  if (!age || !state.lane || !knows_head(state))
    return then();
  const auto clock = state.context.elapsed();
  state.marks.note(state.lane->next, clock, step_of(*age));
  const auto now = state.clock.look(state.context.now(), clock);
  if (now - state.head->data->enqueued() <= *age + step_of(*age)
      || state.marks.arrived_by(clock - *age) <= state.lane->cursor)
    return then();
  find_after(
    self, now - *age,
    [self, then, clock, age = *age](std::uint64_t to) {
      cut(self, std::min(to, self->state.marks.arrived_by(clock - age)),
          outcome::expired);
      then();
    },
    [then](const caf::error&) { then(); });
}

/// Lets go what is too much.
void limit_size(self_pointer self, const std::function<void()>& then) {
  auto& state = self->state;
  if (!state.lane || !too_large(state))
    return then();
  const auto& lane = *state.lane;
  const auto wanted = state.retention.size - state.retention.size / steps;
  const auto failed = [then](const caf::error&) { then(); };
  const auto found = [self, then, wanted](std::uint64_t to) {
    cut(self, to, outcome::evicted);
    self->state.bytes = std::min(self->state.bytes, wanted);
    then();
  };
  weigh(
    self, lane.cursor, lane.next,
    [=](std::uint64_t bytes) {
      self->state.bytes = bytes;
      if (too_large(self->state))
        find_size(self, wanted, found, failed);
      else
        then();
    },
    failed);
}

/// Where a wish of an operator ends.
void find_end(self_pointer self, const trim_events& wish, with_offset then,
              on_failure failed) {
  const auto& lane = *self->state.lane;
  if (wish.before)
    return find_after(self, *wish.before - std::chrono::milliseconds{1},
                      std::move(then), std::move(failed));
  if (wish.to_offset && *wish.to_offset <= lane.next)
    return then(*wish.to_offset);
  if (wish.to_offset)
    return failed(caf::make_error(
      ec::bad_argument, "the log ends before offset "
                          + std::to_string(lane.next) + "; there is no offset "
                          + std::to_string(*wish.to_offset)));
  if (!wish.keep)
    return failed(caf::make_error(
      ec::bad_argument, std::string{"nothing says which events are to go"}));
  if (*wish.keep == 0)
    return then(lane.next);
  find_size(self, *wish.keep, std::move(then), std::move(failed));
}

} // namespace

void move_beginning(event_log_state& state, std::uint64_t to) {
  auto& lane = *state.lane;
  to = std::min(to, lane.next);
  if (to <= lane.cursor)
    return;
  const auto kept = static_cast<double>(lane.next - to)
                    / static_cast<double>(lane.next - lane.cursor);
  state.bytes
    = static_cast<std::uint64_t>(static_cast<double>(state.bytes) * kept);
  lane.cursor = to;
  auto& recent = state.recent;
  while (!recent.empty() && recent.front().end() <= to) {
    state.recent_bytes -= recent.front().data->encoded().size();
    recent.pop_front();
  }
}

bool too_large(const event_log_state& state) {
  return state.retention.size > 0 && state.bytes > state.retention.size;
}

void sweep(self_pointer self) {
  auto& state = self->state;
  if (!state.lane || std::exchange(state.sweeping, true))
    return;
  const auto done = [self] { self->state.sweeping = false; };
  expire_head(self, [=] { limit_age(self, [=] { limit_size(self, done); }); });
}

caf::typed_response_promise<events_trimmed> trim(self_pointer self,
                                                 const trim_events& wish) {
  auto to = self->make_response_promise<events_trimmed>();
  if (!self->state.lane) {
    to.deliver(caf::make_error(ec::unavailable,
                               std::string{"the event log is not open yet"}));
    return to;
  }
  const on_failure failed
    = [to](const caf::error& error) mutable { to.deliver(error); };
  find_end(
    self, wish,
    [=, dry_run = wish.dry_run](std::uint64_t end) {
      const auto from = self->state.lane->cursor;
      const auto last = std::max(from, end);
      weigh(
        self, from, last,
        [self, to, from, last, dry_run](std::uint64_t bytes) mutable {
          if (!dry_run)
            cut(self, last, outcome::evicted);
          to.deliver(events_trimmed{from, last, bytes});
        },
        failed);
    },
    failed);
  return to;
}

caf::typed_response_promise<event_log_status> tell_status(self_pointer self) {
  auto to = self->make_response_promise<event_log_status>();
  auto tell = [self, to]() mutable {
    const auto& state = self->state;
    event_log_status status;
    status.retention = state.retention;
    status.dropped = state.dropped;
    if (state.lane) {
      status.oldest = state.lane->cursor;
      status.next = state.lane->next;
      status.bytes = state.bytes;
      if (knows_head(state))
        status.oldest_time = state.head->data->enqueued();
    }
    to.deliver(std::move(status));
  };
  auto& state = self->state;
  if (!state.lane || state.lane->cursor == state.lane->next
      || knows_head(state)) {
    tell();
    return to;
  }
  self
    ->request(state.context.reader, request_timeout,
              read_lane{state.lane->id, state.lane->cursor, 1})
    .then(
      [self, tell](const lane_stored& found) mutable {
        if (!found.blocks.empty())
          self->state.head = found.blocks.front();
        tell();
      },
      [tell](const caf::error&) mutable { tell(); });
  return to;
}

} // namespace tidegate
