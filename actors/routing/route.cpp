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
/// Cheap where nothing expires: when the first message of a lane does is
/// remembered.
constexpr auto expiry_period = std::chrono::seconds{2};

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
        [&](const block& in, std::uint32_t from, std::uint32_t to, auto) {
          meters.expired(in.head(from), lane.priority(), to - from);
        });
    first += run.count;
  }
}

/// The gauge is the priority's: its lanes count together.
void show_queue(const route_state& state, const lane_window& of) {
  auto length = std::uint64_t{0};
  for (const auto& lane : state.lanes)
    if (lane.priority() == of.priority())
      length += lane.pending();
  state.meters->queue(of.priority(), length);
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
  show_queue(state, lane);
  caf::anon_send(state.context.store,
                 settle_lane{lane.id(), first, std::move(runs)});
}

void pump(self_pointer self);

/// Settles what has expired where nobody takes messages, up to the first that
/// lives, and lets go of what was read for that.
void expire(self_pointer self, lane_window& lane) {
  auto& state = self->state;
  const auto now = state.context.elapsed();
  lane.expire(now);
  settle(self, lane);
  if (state.target)
    return;
  if (lane.must_look(now))
    lane.look();
  else if (!lane.looking())
    lane.let_go();
}

void take_read(self_pointer self, lane_id id, std::uint64_t from,
               const lane_stored& found) {
  auto* const lane = find_lane(self->state, id);
  if (!lane)
    return;
  lane->loaded(from, found.blocks);
  if (lane->looking())
    expire(self, *lane);
  pump(self);
}

void read_ahead(self_pointer self, lane_window& lane) {
  const auto from = lane.wants_read();
  if (!from)
    return;
  lane.reading();
  const auto id = lane.id();
  self
    ->request(self->state.context.reader, read_timeout,
              read_lane{id, *from, read_bytes})
    .then([self, id, from = *from](
            const lane_stored& found) { take_read(self, id, from, found); },
          [self, id](const caf::error& error) {
            log::error("route", "cannot read the lane; it is tried again",
                       {{"sink", self->state.sink},
                        {"error", self->system().render(error)}});
            if (auto* known = find_lane(self->state, id))
              known->read_failed();
            self->state.pausing = true;
            self->delayed_send(self, self->state.context.retry_unit,
                               pause_over{});
          });
}

/// The lanes of one priority: their places in `route_state::lanes`.
struct equals {
  std::size_t first = 0;
  std::size_t end = 0;
};

equals equals_from(const std::vector<lane_window>& lanes, std::size_t first) {
  auto end = first;
  while (end < lanes.size() && lanes[end].priority() == lanes[first].priority())
    ++end;
  return {first, end};
}

/// Messages that may be given now.
std::uint32_t free_of_window(const route_state& state) {
  const std::int64_t window = state.window.window();
  return static_cast<std::uint32_t>(
    std::clamp<std::int64_t>(window - state.outstanding, 0, window));
}

/// Gives from one lane what the window allows, `most` messages at most.
std::uint32_t give_from(self_pointer self, lane_window& lane,
                        std::uint32_t most, deliver& out) {
  auto& state = self->state;
  const auto free = free_of_window(state);
  const auto taken = lane.take(std::min(free, most), state.context.elapsed(),
                               std::chrono::steady_clock::now(), out.items);
  state.outstanding += taken;
  settle(self, lane);
  return taken;
}

/// Gives from lanes of one priority, the oldest message first. Waits for the
/// disk where what is next is not known.
void give_from_equals(self_pointer self, equals which, deliver& out) {
  auto& state = self->state;
  while (free_of_window(state) > 0) {
    lane_window* oldest = nullptr;
    std::optional<lane_window::next_run> run;
    for (auto i = which.first; i < which.end; ++i) {
      auto& lane = state.lanes[i];
      if (!lane.unsent())
        continue;
      const auto next = lane.next();
      if (!next)
        return;
      if (!oldest || next->enqueued < run->enqueued) {
        oldest = &lane;
        run = next;
      }
    }
    if (!oldest)
      return;
    if (give_from(self, *oldest, run->count, out) == 0)
      return; // what is behind waits for what its target keeps back
  }
}

/// Gives the target what its window allows. A lane is served only when those
/// of higher priority have nothing left to give (edge-hub spec 5.1).
void give(self_pointer self) {
  auto& state = self->state;
  deliver out{caf::actor_cast<caf::actor>(self), state.input, {}, state.sink};
  for (std::size_t first = 0; first < state.lanes.size();) {
    const auto which = equals_from(state.lanes, first);
    const auto begin = state.lanes.begin();
    if (which.end == first + 1)
      give_from(self, state.lanes[first], state.window.window(), out);
    else
      give_from_equals(self, which, out);
    if (std::any_of(begin + static_cast<std::ptrdiff_t>(first),
                    begin + static_cast<std::ptrdiff_t>(which.end),
                    [](const auto& lane) { return lane.unsent(); }))
      break;
    first = which.end;
  }
  if (out.items.empty())
    return;
  state.window.saw(out);
  caf::anon_send(state.target, std::move(out));
}

/// Brings what may be held up to date with how many targets there are.
void share_memory(route_state& state) {
  state.window.limit_bytes(state.memory.in_flight(), state.memory.fewest());
  const auto each
    = state.memory.read_ahead() / std::max<std::size_t>(state.lanes.size(), 1);
  for (auto& lane : state.lanes)
    lane.hold(each, 2 * state.memory.in_flight() + each);
}

void pump(self_pointer self) {
  auto& state = self->state;
  if (state.target)
    share_memory(state);
  if (state.target && !state.pausing && free_of_window(state) > 0)
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
void count_delivered(route_state& state, const lane_window& lane,
                     const delivered_range& range) {
  const auto at = std::chrono::steady_clock::now();
  const auto now = state.context.now();
  lane.each_stretch(range.first, range.count,
                    [&](const block& in, std::uint32_t from, std::uint32_t to,
                        lane_window::moment given) {
                      state.meters->delivered(in.head(from), lane.priority(),
                                              to - from, now - in.enqueued(),
                                              at - given);
                    });
}

void take_answers(self_pointer self, const delivered& answers) {
  auto& state = self->state;
  bool failed = false;
  bool succeeded = false;
  for (const auto& range : answers.ranges) {
    auto* lane = find_lane(state, range.lane);
    if (!lane)
      continue;
    const auto answered = lane->answered(range);
    state.outstanding -= answered;
    if (range.result == delivery_result::done && answered > 0)
      count_delivered(state, *lane, range);
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
  state.memory = {};
  for (auto& lane : state.lanes) {
    lane.target_lost();
    lane.let_go();
  }
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
    state.memory = delivery_budget::share{state.context.memory};
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
  lanes.insert(before, lane_window{status});
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
        show_queue(self->state, *lane);
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
    [self](const kept_back& news) {
      if (self->state.target != news.by)
        return;
      self->state.outstanding -= news.more;
      pump(self);
    },
    [self](pause_over) {
      self->state.pausing = false;
      pump(self);
    },
    [self](look_for_expired) {
      for (auto& lane : self->state.lanes)
        expire(self, lane);
      pump(self);
      self->delayed_send(self, expiry_period, look_for_expired{});
    },
    [self](get_route_status) {
      route_status status{self->state.sink, 0,
                          static_cast<std::uint32_t>(
                            std::max<std::int64_t>(self->state.outstanding, 0)),
                          self->state.target != nullptr};
      for (const auto& lane : self->state.lanes)
        status.pending += lane.pending();
      return status;
    },
  };
}

} // namespace tidegate
