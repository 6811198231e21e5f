#include "actors/uplink/parent_connection.hpp"

#include "actors/log.hpp"
#include "actors/uplink/parent_verdict.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace tidegate {

namespace {

/// The parent has no room for another link, or another client.
constexpr std::string_view no_room = "amqp:resource-limit-exceeded";

/// How long is believed what the parent has room for.
constexpr auto limit_lasts = std::chrono::minutes{1};

/// What a sender has waits for a link so long; then the route has it back.
constexpr auto longest_hold = std::chrono::seconds{30};

/// Senders that take the links of others at the same time.
constexpr std::size_t turns_at_once = 20;

/// That senders wait is said so often.
constexpr auto pause_of_complaints = std::chrono::minutes{1};

} // namespace

/// The parent opens no link for a sender, or has ended it: what waits of it
/// keeps its place, and is tried again. Others go on.
void parent_connection::hold(sender_entry& entry, std::string_view condition) {
  const bool full = condition == no_room;
  if (full)
    note_limit();
  if (!entry.sender.has_queue())
    return;
  entry.unknown = says_unknown(condition);
  last_refusal_
    = to_string(entry.sender.id())
        .append(": ")
        .append(condition.empty() ? "it gave no reason" : condition);
  if (full)
    entry.retry.turned_away(now());
  else
    entry.retry.ended(now());
  if (trial_)
    return entry.sender.give_up(delivery_result::retry, shared_, now());
  entry.sender.each_queued([&](const caf::actor& route, std::uint32_t count) {
    keep_back(entry, route, count);
  });
}

/// The route gives others in the place of what is held.
void parent_connection::keep_back(sender_entry& entry, const caf::actor& route,
                                  std::uint32_t count) {
  if (!entry.held_since)
    entry.held_since = now();
  if (entry.held == 0) {
    held_.push_back(&entry);
    unlist(entry);
  }
  entry.held += count;
  watch_.held(count);
  kept_back_[route] += count;
}

/// What was held counts as on its way again.
void parent_connection::let_go(sender_entry& entry) {
  watch_.released(std::exchange(entry.held, 0), now());
  entry.sender.each_queued([&](const caf::actor& route, std::uint32_t count) {
    kept_back_[route] -= count;
  });
}

/// Says what is kept back more than at the last time.
void parent_connection::tell_kept_back() {
  for (const auto& [route, more] : kept_back_)
    if (route && more != 0)
      caf::anon_send(route,
                     kept_back{caf::actor_cast<caf::actor>(self_), more});
  kept_back_.clear();
}

/// Whatever is held is answered: "poison" where the parent has not known the
/// sender for long, which may be one that it has not heard of yet (edge-hub
/// spec 5.5).
void parent_connection::give_back_held() {
  for (auto* const entry : held_) {
    let_go(*entry);
    const bool gone = entry->unknown && held_for_long(*entry);
    entry->held_since.reset();
    entry->sender.give_up(
      gone ? delivery_result::poison : delivery_result::retry, shared_, now());
  }
  held_.clear();
}

bool parent_connection::held_for_long(const sender_entry& entry) const {
  return now() - *entry.held_since >= longest_hold;
}

/// Tries those again whose time has come; where there is no room, a few at a
/// time. When some are held for long the route has everything back, where it
/// may expire.
void parent_connection::release_held() {
  if (std::ranges::any_of(held_, [this](const sender_entry* entry) {
        return held_for_long(*entry);
      }))
    return give_back_held();
  auto left = parents_limit_ ? turns_at_once : held_.size();
  std::erase_if(held_, [&](sender_entry* entry) {
    if (left == 0 || !entry->retry.is_due(now()))
      return false;
    --left;
    let_go(*entry);
    entry->retry.forget();
    list(*entry);
    return true;
  });
}

/// From now on as many links as the parent takes: who wants one waits until
/// another has nothing to send.
void parent_connection::note_limit() {
  parents_limit_ = std::max(parents_limit_.value_or(1), accepted_);
  limit_noted_ = now();
}

/// The parent has given the link of a sender credit.
void parent_connection::note_accepted(sender_entry& entry) {
  accepted_ += std::exchange(entry.accepted, true) ? 0 : 1;
  if (parents_limit_)
    parents_limit_ = std::max(*parents_limit_, accepted_);
}

std::size_t parent_connection::most_links() const {
  const auto own = context_.options.most_links;
  return parents_limit_ ? std::min(*parents_limit_, own) : own;
}

/// Where senders wait for a link, those that have had one for long and always
/// have more to send give way, once what they have sent is answered.
void parent_connection::take_turns() {
  if (parents_limit_ && now() - limit_noted_ >= limit_lasts) {
    parents_limit_.reset();
    room_ = true;
  }
  if (room_)
    return;
  auto left = turns_at_once;
  std::vector<sender_entry*> over;
  for (const auto& [id, entry] : senders_) {
    if (left == 0)
      break;
    if (entry.get() == own_ || !entry->sender.link() || entry->yields
        || now() - entry->retry.opened_at() < context_.options.link_turn)
      continue;
    entry->yields = true;
    over.push_back(entry.get());
    --left;
  }
  for (auto* const entry : over)
    end_turn_of(*entry);
}

/// Gives the link of a sender to the next, if it yields, and puts it behind
/// those that wait.
void parent_connection::end_turn_of(sender_entry& entry) {
  if (!entry.yields || !entry.sender.all_answered())
    return;
  unlist(entry); // it comes behind those that wait
  close_link(entry);
}

/// Says that senders wait for a link to the parent.
void parent_connection::tell_waiting() {
  const auto without = std::ranges::count_if(
    waiting_, [](const sender_entry* entry) { return !entry->sender.link(); });
  const auto waiting = held_.size() + static_cast<std::size_t>(without);
  context_.meters
    ->gauge("tidegate_uplink_senders_waiting",
            "Senders with messages for which the parent opens no link, or for "
            "which there is no room.")
    .Set(static_cast<double>(waiting));
  if (waiting == 0 || !ready_ || now() - complained_ < pause_of_complaints)
    return;
  complained_ = now();
  log::warning(
    "uplink",
    "messages of some senders wait for a link to the parent; those "
    "of others go on",
    {{"senders", std::to_string(waiting)},
     {"links", std::to_string(links_)},
     {"last_refused", last_refusal_.empty() ? "none" : last_refusal_}});
}

} // namespace tidegate
