#include "actors/uplink/parent_connection.hpp"

#include "actors/uplink/parent_verdict.hpp"

#include <proton/condition.h>
#include <proton/delivery.h>
#include <proton/disposition.h>
#include <proton/link.h>

#include <algorithm>

namespace tidegate {

namespace {

/// A sender that is not connected comes back, or has only its backlog sent.
constexpr auto absent_patience = std::chrono::seconds{10};

/// A condition that says nothing of whether there is such a sender.
constexpr std::string_view not_now = "amqp:unauthorized-access";

} // namespace

parent_connection::sender_entry&
parent_connection::entry_of(const identity_id& id) {
  auto& entry = senders_[id];
  if (!entry)
    entry = std::make_unique<sender_entry>(*this, id);
  return *entry;
}

void parent_connection::open_own_link() {
  own_ = &entry_of(own_id());
  open_link(*own_);
}

/// Gives each run of records of one sender to it.
void parent_connection::take(const caf::actor& route, const delivery& item) {
  const auto& block = *item.block.data;
  for (auto at = item.from; at < item.to;) {
    auto run = item;
    run.from = at;
    const auto& head = block.head(at);
    for (++at; at < item.to; ++at)
      if (block.head(at) != head && block.head(at)->sender != head->sender)
        break;
    run.to = at;
    if (head->sender.device.empty()) {
      shared_.answers.add(route, run.lane, run.block.first + run.from,
                          run.to - run.from, delivery_result::poison);
      continue;
    }
    auto& entry = entry_of(head->sender);
    if (!entry.sender.take(route, run, shared_, now()))
      continue;
    if (entry.retry.waits() && !trial_)
      keep_back(entry, route, run.to - run.from);
    else
      list(entry);
  }
}

void parent_connection::list(sender_entry& entry) {
  if (!std::exchange(entry.listed, true))
    waiting_.push_back(&entry);
}

void parent_connection::unlist(sender_entry& entry) {
  if (std::exchange(entry.listed, false))
    std::erase(waiting_, &entry);
}

/// Sends one transfer of each sender in turn, while there is credit.
void parent_connection::pump() {
  if (!ready_ || failure_)
    return;
  for (bool sent = true; sent;) {
    sent = false;
    for (auto* const entry : waiting_) {
      if (room_ && !entry->sender.link() && entry->sender.has_queue())
        room_ = open_link(*entry);
      if (!entry->yields)
        sent = entry->sender.send_one(shared_, now()) || sent;
    }
  }
  std::erase_if(waiting_, [](sender_entry* entry) {
    entry->listed = entry->sender.has_queue();
    return !entry->listed;
  });
}

/// False when there is no room, until a link has nothing to do.
bool parent_connection::open_link(sender_entry& entry) {
  if (!make_room_for_link())
    return false;
  auto& sender = entry.sender;
  link_opener::wish wish{sender.id(), "messages/events"};
  const auto* model = sender.has_queue()
                        ? find_property(sender.next_head().system, "modelId")
                        : nullptr;
  if (model && model->value)
    wish.model_id = *model->value;
  auto* const link = opener_.open(wish, entry);
  sender.attach(link);
  entry.retry.opened(now());
  ++links_;
  return true;
}

/// Links are bounded: the one that was not used for the longest time goes. To
/// look for it costs a look at every sender.
bool parent_connection::make_room_for_link() {
  if (links_ < most_links())
    return true;
  sender_entry* oldest = nullptr;
  for (const auto& [id, entry] : senders_)
    if (entry.get() != own_ && entry->sender.link() && entry->sender.idle()
        && (!oldest || entry->sender.last_used() < oldest->sender.last_used()))
      oldest = entry.get();
  if (oldest)
    close_link(*oldest);
  return oldest != nullptr;
}

void parent_connection::forget_link(sender_entry& entry) {
  entry.yields = false;
  accepted_ -= std::exchange(entry.accepted, false) ? 1 : 0;
  --links_;
  room_ = true;
}

void parent_connection::close_link(sender_entry& entry) {
  auto* const link = entry.sender.link();
  if (!link)
    return;
  opener_.close(link);
  entry.sender.detach(shared_);
  forget_link(entry);
  if (entry.sender.has_queue())
    list(entry);
}

/// The own link shows that the parent takes this node for what it says it is.
void parent_connection::flowed(sender_entry& entry, pn_link_t* link) {
  if (pn_link_credit(link) <= 0)
    return;
  note_accepted(entry);
  if (&entry == own_ && !ready_)
    became_ready();
}

void parent_connection::link_ended(sender_entry& entry,
                                   std::string_view condition) {
  auto* const link = entry.sender.link();
  // Who may have spoken for itself, which is not known any more, comes with
  // its token again: what waits of it is not to be given up.
  const bool waits = refusal_of(condition) == ec::not_found && context_.tokens
                     && context_.tokens->may_be_lost(entry.sender.id());
  const auto why = waits ? not_now : condition;
  entry.sender.refused(why, shared_);
  opener_.ended(link);
  forget_link(entry);
  if (&entry == own_)
    fail("the parent refused this node: "
         + std::string{condition.empty() ? "it gave no reason" : condition});
  else
    hold(entry, why);
}

void parent_connection::decided(sender_entry& entry, pn_delivery_t* sent) {
  const auto* why
    = pn_condition_get_name(pn_disposition_condition(pn_delivery_remote(sent)));
  failed_over_ = failed_over_ || (why && says_failed_over(why));
  if (entry.sender.decided(sent, shared_, now())
      == event_sender::next_step::go_on) {
    entry.held_since.reset();
    room_ = room_ || entry.sender.idle();
    return end_turn_of(entry);
  }
  if (entry.sender.link())
    return close_link(entry);
  opener_.close(pn_delivery_link(sent));
  forget_link(entry);
}

/// How long the link of an identity may have nothing to do.
std::chrono::milliseconds
parent_connection::patience_with(const identity_id& id) const {
  const bool absent = context_.clients && !dialog_.is_connected(id);
  return absent ? absent_patience : context_.options.idle_timeout;
}

void parent_connection::close_idle_links() {
  for (const auto& [id, entry] : senders_)
    if (entry.get() != own_ && entry->sender.link() && entry->sender.idle()
        && now() - entry->sender.last_used() >= patience_with(id))
      close_link(*entry);
}

void parent_connection::forget_idle_senders() {
  if (senders_.size() <= 2 * context_.options.most_links)
    return;
  std::erase_if(senders_, [](const auto& known) {
    const auto& one = *known.second;
    return !one.listed && !one.sender.link() && one.sender.idle();
  });
}

} // namespace tidegate
