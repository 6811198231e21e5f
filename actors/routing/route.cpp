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

/// Counts what has expired among the settled runs that begin at `first`.
void count_expired(route_meters& meters, const lane_window& lane,
                   std::uint64_t first, const std::vector<settled_run>& runs) {
  for (const auto& run : runs) {
    if (run.how == outcome::expired)
      lane.each_stretch(
        first, run.count,
        [&](const block& in, std::uint32_t from, std::uint32_t to) {
          meters.expired(in.head(from), to - from);
        });
    first += run.count;
  }
}

void warn_of_poison(const std::string& sink,
                    const std::vector<settled_run>& runs) {
  std::uint32_t poison = 0;
  for (const auto& run : runs)
    poison += run.how == outcome::rejected ? run.count : 0;
  if (poison > 0)
    log::warning("route", "messages were refused for good and are given up",
                 {{"sink", sink}, {"messages", std::to_string(poison)}});
}

void settle(self_pointer self, lane_window& lane) {
  std::uint64_t first = 0;
  auto runs = lane.advance(first);
  if (runs.empty())
    return;
  auto& state = self->state;
  warn_of_poison(state.sink, runs);
  count_expired(*state.meters, lane, first, runs);
  lane.forget_done();
  state.meters->queue(lane.priority(), lane.pending());
  caf::anon_send(state.context.store,
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
  const auto window = state.window.window();
  for (auto& lane : state.lanes) {
    state.outstanding += lane.take(window - std::min(window, state.outstanding),
                                   now, out.items);
    settle(self, lane);
    if (lane.unsent())
      break;
  }
  const auto at = std::chrono::steady_clock::now();
  for (const auto& item : out.items)
    state.given.push_back({item.lane, item.block.first + item.from,
                           item.block.first + item.to, at});
  if (out.items.empty())
    return;
  state.window.saw(out);
  caf::anon_send(state.target, std::move(out));
}

void pump(self_pointer self) {
  auto& state = self->state;
  if (state.target && !state.pausing
      && state.outstanding < state.window.window())
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

/// Counts messages that the target took.
void count_delivered(self_pointer self, const lane_window& lane,
                     const delivered_range& range) {
  auto& state = self->state;
  const auto began = std::find_if(
    state.given.begin(), state.given.end(), [&](const given_range& one) {
      return one.lane == range.lane && one.first <= range.first
             && range.first < one.end;
    });
  if (began == state.given.end())
    return;
  const auto waited = std::chrono::steady_clock::now() - began->at;
  const auto now = state.context.now();
  lane.each_stretch(range.first, range.count,
                    [&](const block& in, std::uint32_t from, std::uint32_t to) {
                      state.meters->delivered(in.head(from), lane.priority(),
                                              to - from, now - in.enqueued(),
                                              waited);
                    });
  if (began->end <= range.first + range.count)
    state.given.erase(began);
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
    if (range.result == delivery_result::done)
      count_delivered(self, *lane, range);
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
  state.given.clear();
  for (auto& lane : state.lanes)
    lane.target_lost();
}

/// In labels the cloud is `upstream`, and a module `device/module`.
std::unique_ptr<route_meters> make_meters(const route_state& state) {
  const auto cloud = state.sink == "iothub";
  const auto module = state.sink.substr(0, state.sink.rfind('/'));
  return std::make_unique<route_meters>(
    state.context.meters, state.sink, cloud ? "upstream" : module, state.input);
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
  state.window.limit(ready.window);
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
  state.meters = make_meters(state);
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
        self->state.meters->queue(lane->priority(), lane->pending());
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
