#include "actors/routing/event_log.hpp"

#include "actors/log.hpp"
#include "actors/routing/event_log_trim.hpp"

#include <algorithm>

namespace tidegate {

namespace {

using self_pointer = event_log_actor::stateful_pointer<event_log_state>;
using promise = caf::typed_response_promise<events_page>;

constexpr auto request_timeout = std::chrono::seconds{60};
constexpr auto expiry_period = std::chrono::seconds{30};
constexpr std::size_t recent_limit = 1u << 20;
constexpr std::size_t most_waiting = 64;

/// The part of the recent blocks that begins at `from`, if they reach back so
/// far.
std::optional<std::vector<stored_block>> recent_from(event_log_state& state,
                                                     const read_events& wish) {
  if (state.recent.empty() || wish.from < state.recent.front().first)
    return std::nullopt;
  std::vector<stored_block> found;
  std::size_t size = 0;
  for (const auto& block : state.recent) {
    if (block.end() <= wish.from)
      continue;
    if (size > 0 && size + block.data->encoded().size() > wish.max_bytes)
      break;
    size += block.data->encoded().size();
    found.push_back(block);
  }
  return found;
}

void read_from_disk(self_pointer self, const read_events& wish, promise to) {
  self
    ->request(self->state.context.reader, request_timeout,
              read_lane{self->state.lane->id, wish.from, wish.max_bytes})
    .then(
      [self, to](const lane_stored& found) mutable {
        to.deliver(events_page{self->state.lane->cursor, self->state.lane->next,
                               found.blocks});
      },
      [to](caf::error& error) mutable { to.deliver(std::move(error)); });
}

/// Answers when there is something to answer with; false when not.
bool try_answer(self_pointer self, read_events wish, promise& to) {
  auto& state = self->state;
  if (!state.lane)
    return false;
  wish.from = std::max(wish.from, state.lane->cursor);
  if (wish.from >= state.lane->next)
    return false;
  if (auto blocks = recent_from(state, wish))
    to.deliver(
      events_page{state.lane->cursor, state.lane->next, std::move(*blocks)});
  else
    read_from_disk(self, wish, to);
  return true;
}

events_page empty_page(const event_log_state& state) {
  return state.lane ? events_page{state.lane->cursor, state.lane->next, {}}
                    : events_page{};
}

void answer_readers(self_pointer self) {
  const auto now = std::chrono::steady_clock::now();
  std::erase_if(self->state.waiting, [&](auto& reader) {
    if (try_answer(self, reader.wish, reader.promise))
      return true;
    if (now < reader.until)
      return false;
    reader.promise.deliver(empty_page(self->state));
    return true;
  });
}

void keep_recent(event_log_state& state,
                 const std::vector<stored_block>& blocks) {
  for (const auto& block : blocks) {
    state.lane->next = std::max(state.lane->next, block.end());
    state.bytes += block.data->encoded().size();
    state.recent_bytes += block.data->encoded().size();
    state.recent.push_back(block);
  }
  while (state.recent.size() > 1 && state.recent_bytes > recent_limit) {
    state.recent_bytes -= state.recent.front().data->encoded().size();
    state.recent.pop_front();
  }
}

void meter_dropped(const event_log_state& state, std::uint64_t count) {
  if (state.context.meters)
    state.context.meters
      ->counter("tidegate_events_dropped_total",
                "Events that the store's quota pushed out of the hub's log.")
      .Increment(static_cast<double>(count));
}

/// Says that the quota, and nobody's wish, ends the life of events.
void tell_dropped(self_pointer self, std::uint64_t count) {
  auto& state = self->state;
  state.dropped += count;
  meter_dropped(state, count);
  if (const auto told = state.notice.add(count, state.context.elapsed()))
    log::warning(
      "events",
      "the store's quota pushes the oldest events out of the log; raise "
      "store.quota, or say with events.retention_size or "
      "events.retention_age what is to be kept",
      {{"events", std::to_string(*told)},
       {"since_start", std::to_string(state.dropped)},
       {"oldest_kept", std::to_string(state.lane ? state.lane->cursor : 0)}});
}

/// The store has moved the beginning of the log.
void follow_store(self_pointer self, const lane_evicted& news) {
  auto& state = self->state;
  move_beginning(state, news.cursor);
  if (news.evicted > 0)
    tell_dropped(self, news.evicted);
}

promise take_reader(self_pointer self, const read_events& wish) {
  auto to = self->make_response_promise<events_page>();
  auto& waiting = self->state.waiting;
  if (try_answer(self, wish, to))
    return to;
  if (wish.wait.count() <= 0 || waiting.size() >= most_waiting) {
    to.deliver(empty_page(self->state));
    return to;
  }
  waiting.push_back({wish, std::chrono::steady_clock::now() + wish.wait, to});
  self->delayed_send(self, wish.wait, answer_waiting{});
  return to;
}

} // namespace

event_log_actor::behavior_type
event_log(self_pointer self, route_context context, log_retention retention) {
  self->state.context = std::move(context);
  self->state.retention = retention;
  meter_dropped(self->state, 0);
  self->delayed_send(self, expiry_period, look_for_expired{});
  return {
    [self](const add_lane& added) {
      self
        ->request(self->state.context.store, request_timeout,
                  follow_lane{added.lane, caf::actor_cast<caf::actor>(self)})
        .then(
          [self](const lane_status& status) {
            self->state.lane = status;
            self->state.bytes = status.bytes;
            self->state.marks.begin(status.next, self->state.context.elapsed());
            answer_readers(self);
          },
          [self](const caf::error& error) { self->quit(error); });
    },
    [self](const lane_stored& news) {
      keep_recent(self->state, news.blocks);
      answer_readers(self);
      if (too_large(self->state))
        sweep(self);
    },
    [self](const lane_evicted& news) { follow_store(self, news); },
    [self](look_for_expired) {
      sweep(self);
      self->delayed_send(self, expiry_period, look_for_expired{});
    },
    [self](answer_waiting) { answer_readers(self); },
    [self](const read_events& wish) { return take_reader(self, wish); },
    [self](const trim_events& wish) { return trim(self, wish); },
    [self](get_event_log_status) { return tell_status(self); },
    [self](get_route_status) {
      const auto& lane = self->state.lane;
      return route_status{"iothub", lane ? lane->next - lane->cursor : 0, 0,
                          true};
    },
  };
}

} // namespace tidegate
