#include "actors/routing/route.hpp"

#include "actors/log.hpp"

#include <algorithm>
#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <cmath>
#include <random>

namespace tidegate {

namespace {

using self_pointer = route_actor::stateful_pointer<route_state>;

constexpr auto read_bytes = std::size_t{1} << 20;
constexpr auto read_timeout = std::chrono::seconds{60};
constexpr auto expiry_period = std::chrono::seconds{30};

double random_jitter() {
  thread_local std::minstd_rand source{std::random_device{}()};
  return std::uniform_real_distribution<>{0.8, 1.2}(source);
}

lane_window* find_lane(route_state& state, lane_id id) {
  const auto it = std::find_if(state.lanes.begin(), state.lanes.end(),
                               [id](const auto& l) { return l.id() == id; });
  return it == state.lanes.end() ? nullptr : &*it;
}

void settle(self_pointer self, lane_window& lane) {
  std::uint64_t first = 0;
  auto runs = lane.advance(first);
  if (runs.empty())
    return;
  std::uint32_t poison = 0;
  for (const auto& run : runs)
    poison += run.how == outcome::rejected ? run.count : 0;
  if (poison > 0)
    log::warning(
      "route", "messages were refused for good and are given up",
      {{"sink", self->state.sink}, {"messages", std::to_string(poison)}});
  caf::anon_send(self->state.context.store,
                 settle_lane{lane.id(), first, std::move(runs)});
}

void pump(self_pointer self);

void read_ahead(self_pointer self, lane_window& lane) {
  const auto from = lane.wants_read();
  if (!from)
    return;
  lane.reading();
  const auto id = lane.id();
  self
    ->request(self->state.context.reader, read_timeout,
              read_lane{id, *from, read_bytes})
    .then(
      [self, id](const lane_stored& found) {
        if (auto* known = find_lane(self->state, id)) {
          known->loaded(found.blocks);
          pump(self);
        }
      },
      [self, id](const caf::error& error) {
        log::error("route", "cannot read the lane; it is tried again",
                   {{"sink", self->state.sink},
                    {"error", self->system().render(error)}});
        if (auto* known = find_lane(self->state, id))
          known->read_failed();
        self->state.pausing = true;
        self->delayed_send(self, self->state.context.retry_unit, pause_over{});
      });
}

/// Gives the target what its window allows. A lane is served only when those
/// of higher priority have nothing left to give (edge-hub spec 5.1).
void give(self_pointer self) {
  auto& state = self->state;
  deliver out{caf::actor_cast<caf::actor>(self), state.input, {}, state.sink};
  const auto now = state.context.now();
  for (auto& lane : state.lanes) {
    state.outstanding
      += lane.take(state.window - state.outstanding, now, out.items);
    settle(self, lane);
    if (lane.unsent())
      break;
  }
  if (!out.items.empty())
    caf::anon_send(state.target, std::move(out));
}

void pump(self_pointer self) {
  auto& state = self->state;
  if (state.target && !state.pausing && state.outstanding < state.window)
    give(self);
  for (auto& lane : state.lanes)
    read_ahead(self, lane);
}

void pause(self_pointer self) {
  auto& state = self->state;
  if (state.pausing)
    return;
  state.pausing = true;
  self->delayed_send(
    self,
    retry_pause(state.context.retry_unit, state.failures, random_jitter()),
    pause_over{});
  ++state.failures;
}

void take_answers(self_pointer self, const delivered& answers) {
  auto& state = self->state;
  bool failed = false;
  bool succeeded = false;
  for (const auto& range : answers.ranges) {
    auto* lane = find_lane(state, range.lane);
    if (!lane)
      continue;
    state.outstanding -= lane->answered(range);
    failed = failed || range.result == delivery_result::retry;
    succeeded = succeeded || range.result != delivery_result::retry;
  }
  for (auto& lane : state.lanes)
    settle(self, lane);
  if (failed)
    pause(self);
  else if (succeeded)
    state.failures = 0;
  pump(self);
}

void lose_target(self_pointer self) {
  auto& state = self->state;
  state.target = nullptr;
  state.outstanding = 0;
  for (auto& lane : state.lanes)
    lane.target_lost();
}

void take_target(self_pointer self, const target_ready& ready) {
  auto& state = self->state;
  if (state.target && state.target != ready.target) {
    self->demonitor(state.target);
    lose_target(self);
  }
  if (!state.target) {
    state.target = ready.target;
    state.failures = 0;
    self->monitor(state.target);
  }
  state.window = ready.window;
  pump(self);
}

void insert_lane(self_pointer self, const lane_status& status) {
  auto& lanes = self->state.lanes;
  const auto before
    = std::find_if(lanes.begin(), lanes.end(), [&](const auto& lane) {
        return lane.priority() > status.key.priority;
      });
  lanes.insert(before, lane_window{status, self->state.context.memory});
  pump(self);
}

/// The store's answer and what it stores afterwards come in order, so nothing
/// falls between the two.
void follow(self_pointer self, lane_id lane) {
  if (find_lane(self->state, lane))
    return;
  self
    ->request(self->state.context.store, read_timeout,
              follow_lane{lane, caf::actor_cast<caf::actor>(self)})
    .then([self](const lane_status& status) { insert_lane(self, status); },
          [self](const caf::error& error) { self->quit(error); });
}

} // namespace

std::chrono::milliseconds retry_pause(std::chrono::milliseconds unit,
                                      unsigned failures, double jitter) {
  const auto growth = (std::exp2(std::min(failures, 10u)) - 1) * jitter;
  return std::min(unit * 60,
                  unit
                    + std::chrono::milliseconds{static_cast<std::int64_t>(
                      growth * static_cast<double>(unit.count()))});
}

route_actor::behavior_type
route(route_actor::stateful_pointer<route_state> self, route_context context,
      std::string sink) {
  auto& state = self->state;
  state.context = std::move(context);
  state.sink = std::move(sink);
  if (const auto slash = state.sink.rfind('/'); slash != std::string::npos)
    state.input = state.sink.substr(slash + 1);
  self->set_down_handler([self](const caf::down_msg& down) {
    if (self->state.target && down.source == self->state.target.address())
      lose_target(self);
  });
  self->delayed_send(self, expiry_period, look_for_expired{});
  return {
    [self](const add_lane& added) { follow(self, added.lane); },
    [self](const lane_stored& news) {
      if (auto* lane = find_lane(self->state, news.lane)) {
        lane->stored(news.blocks);
        pump(self);
      }
    },
    [self](const lane_evicted& news) {
      if (auto* lane = find_lane(self->state, news.lane)) {
        self->state.outstanding -= lane->evicted(news.cursor);
        pump(self);
      }
    },
    [self](const target_ready& ready) { take_target(self, ready); },
    [self](const target_gone& gone) {
      if (self->state.target != gone.target)
        return;
      self->demonitor(gone.target);
      lose_target(self);
    },
    [self](const delivered& answers) { take_answers(self, answers); },
    [self](pause_over) {
      self->state.pausing = false;
      pump(self);
    },
    [self](look_for_expired) {
      for (auto& lane : self->state.lanes) {
        lane.expire(self->state.context.now());
        settle(self, lane);
      }
      pump(self);
      self->delayed_send(self, expiry_period, look_for_expired{});
    },
    [self](get_route_status) {
      route_status status{self->state.sink, 0, self->state.outstanding,
                          self->state.target != nullptr};
      for (const auto& lane : self->state.lanes)
        status.pending += lane.pending();
      return status;
    },
  };
}

} // namespace tidegate
