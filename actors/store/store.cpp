#include "actors/store/store.hpp"

#include "actors/log.hpp"
#include "messages/ec.hpp"
#include "messages/error_text.hpp"

#include <algorithm>
#include <caf/send.hpp>
#include <map>
#include <span>
#include <utility>

namespace tidegate {

namespace {

using self_pointer = store_server::stateful_pointer<store_state>;
using stored_lanes = std::map<lane_id, std::vector<stored_block>>;

/// A group ends when it holds this much; the rest makes another.
constexpr auto group_bytes = std::size_t{8} << 20;
/// How long settlements wait for an append whose write they can share.
constexpr auto settlement_delay = std::chrono::milliseconds{50};
constexpr auto tidy_period = std::chrono::seconds{1};

std::size_t bytes_of(const append& entry) {
  auto sum = std::size_t{0};
  for (const auto& block : entry.blocks)
    sum += block.data ? block.data->encoded().size() : 0;
  return sum;
}

refusals::sender sender_of(const append& entry) {
  return entry.reply_to ? entry.reply_to.id() : 0;
}

/// How many of the queued appends make one group; at least one.
std::size_t group_size(const std::vector<append>& queued) {
  auto bytes = std::size_t{0};
  std::size_t count = 0;
  while (count < queued.size() && (count == 0 || bytes < group_bytes))
    bytes += bytes_of(queued[count++]);
  return count;
}

void answer(const append& entry, const caf::error& error) {
  if (entry.reply_to)
    caf::anon_send(entry.reply_to, append_done{entry.tag, error});
}

/// Tells the sender, and sees to it that one that is refused is forgotten
/// when it ends.
void answer(self_pointer self, const append& entry, const caf::error& error) {
  if (error && entry.reply_to
      && self->state.refused.insert(entry.reply_to.id()).second)
    self->monitor(entry.reply_to);
  answer(entry, error);
}

void ask_for_commit(self_pointer self) {
  if (!std::exchange(self->state.commit_asked, true))
    self->send(self, commit_group{});
}

/// Sends every followed lane what it has gained, in one message.
void tell_followers(store_state& state, const group_result& result,
                    stored_lanes stored) {
  const auto tell = [&state](lane_id lane, auto news) {
    if (const auto found = state.followers.find(lane);
        found != state.followers.end())
      caf::anon_send(found->second, std::move(news));
  };
  for (const auto& moved : result.moved)
    tell(moved.lane, moved);
  for (auto& [lane, blocks] : stored)
    tell(lane, lane_stored{lane, std::move(blocks)});
}

/// Answers the appends of a written group. Returns what was stored, by lane.
stored_lanes answer_all(self_pointer self, std::span<const append> entries,
                        const group_result& result) {
  stored_lanes stored;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto& [error, firsts] = result.appends[i];
    answer(self, entries[i], error);
    for (std::size_t j = 0; j < firsts.size(); ++j) {
      const auto& [lane, data] = entries[i].blocks[j];
      stored[lane].push_back({firsts[j], data});
    }
  }
  return stored;
}

std::size_t records_in(const stored_lanes& stored) {
  auto sum = std::size_t{0};
  for (const auto& [lane, blocks] : stored)
    for (const auto& block : blocks)
      sum += block.data->size();
  return sum;
}

/// Writes one group: the first `count` appends and everything else queued.
void commit(self_pointer self, std::size_t count) {
  auto& state = self->state;
  lane_group group;
  group.settled = state.settled.take();
  group.damaged = std::exchange(state.damaged, {});
  const auto entries = std::span<const append>{state.appends}.first(count);
  for (const auto& entry : entries)
    group.appends.emplace_back(entry.blocks, sender_of(entry), entry.attempt);
  if (group.empty())
    return;

  const auto start = std::chrono::steady_clock::now();
  const auto result = state.lanes->commit(group);
  if (result) {
    for (const auto& complaint : result->complaints)
      log::error("store", "a settlement does not fit the lane",
                 {{"lane", complaint}});
    auto stored = answer_all(self, entries, *result);
    state.meters->committed(records_in(stored),
                            std::chrono::steady_clock::now() - start);
    tell_followers(state, *result, std::move(stored));
  } else {
    log::error("store", "cannot write",
               {{"error", error_text(result.error())}});
    state.meters->failed();
    for (const auto& entry : entries)
      answer(self, entry, result.error());
    state.settled.put_back(std::move(group.settled));
    state.damaged = std::move(group.damaged);
  }
  state.appends.erase(state.appends.begin(),
                      state.appends.begin()
                        + static_cast<std::ptrdiff_t>(count));
}

void commit_everything(self_pointer self) {
  do
    commit(self, group_size(self->state.appends));
  while (!self->state.appends.empty());
}

void tidy(self_pointer self) {
  auto& state = self->state;
  if (const auto error = state.lanes->tidy()) {
    state.meters->failed();
    log::error("store", "cannot tidy up", {{"error", error_text(error)}});
  } else if (state.time) {
    if (const auto unmarked = state.time->keep_mark())
      log::error("store", "cannot mark the time",
                 {{"error", error_text(unmarked)}});
  }
  if (!state.settled.empty() || !state.damaged.empty())
    ask_for_commit(self);
  state.meters->observe(*state.lanes);
  self->delayed_send(self, tidy_period, tidy_store{});
}

void drop(self_pointer self, lane_id lane) {
  // What came before the drop belongs before it.
  commit_everything(self);
  self->state.followers.erase(lane);
  if (const auto error = self->state.lanes->drop_lane(lane);
      error && error != ec::lane_gone)
    log::error("store", "cannot drop a lane", {{"error", error_text(error)}});
}

/// A sender that was refused has ended. What it has sent is queued by now, and
/// must not be taken because nobody remembers.
void forget(self_pointer self, caf::actor_id sender) {
  commit_everything(self);
  self->state.lanes->forget(sender);
  self->state.refused.erase(sender);
}

void settle(self_pointer self, const settle_lane& settlement) {
  auto& state = self->state;
  state.settled.add(settlement);
  if (!std::exchange(state.settlements_asked, true))
    self->delayed_send(self, settlement_delay, commit_settlements{});
}

void stop(self_pointer self, const caf::error& reason) {
  commit_everything(self);
  if (const auto error = self->state.lanes->sync())
    log::error("store", "cannot sync on exit", {{"error", error_text(error)}});
  else if (self->state.time)
    static_cast<void>(self->state.time->mark()); // the last one is near enough
  self->state.meters->observe(*self->state.lanes);
  self->quit(reason);
}

} // namespace

store_state::~store_state() {
  const auto error
    = caf::make_error(ec::unavailable, std::string{"the store has stopped"});
  for (const auto& entry : appends)
    answer(entry, error);
}

store_server::behavior_type
store(store_server::stateful_pointer<store_state> self, store_context context) {
  auto& state = self->state;
  state.lanes = std::move(context.lanes);
  state.time = std::move(context.time);
  state.all_meters = std::move(context.meters);
  state.meters = std::make_unique<store_meters>(*state.all_meters);
  state.meters->observe(*state.lanes);
  self->set_exit_handler(
    [self](const caf::exit_msg& message) { stop(self, message.reason); });
  self->set_down_handler(
    [self](const caf::down_msg& down) { forget(self, down.source.id()); });
  self->delayed_send(self, tidy_period, tidy_store{});
  return {
    [self](const append& entry) {
      self->state.appends.push_back(entry);
      ask_for_commit(self);
    },
    [self](const settle_lane& settlement) { settle(self, settlement); },
    [self](const drop_lane& wanted) { drop(self, wanted.lane); },
    [self](const lane_damaged& damage) {
      self->state.damaged.push_back(damage);
      ask_for_commit(self);
    },
    [self](const open_lane& wanted) -> caf::result<lane_status> {
      auto opened = self->state.lanes->open_lane(wanted.key);
      if (!opened)
        return opened.error();
      return *opened;
    },
    [self](const follow_lane& wanted) -> caf::result<lane_status> {
      auto status = self->state.lanes->lane(wanted.lane);
      if (!status)
        return status.error();
      self->state.followers[wanted.lane] = wanted.route;
      return *status;
    },
    [self](get_lanes) { return self->state.lanes->lanes(); },
    [self](commit_group) {
      self->state.commit_asked = false;
      commit(self, group_size(self->state.appends));
      if (!self->state.appends.empty())
        ask_for_commit(self);
    },
    [self](commit_settlements) {
      self->state.settlements_asked = false;
      // With appends waiting, their group takes the settlements along.
      if (self->state.appends.empty())
        commit(self, 0);
    },
    [self](tidy_store) { tidy(self); },
  };
}

} // namespace tidegate
