#include "actors/uplink/parent_connection.hpp"

#include "messages/iothub/percent.hpp"

#include <proton/codec.h>
#include <proton/condition.h>
#include <proton/delivery.h>
#include <proton/link.h>
#include <proton/terminus.h>

#include <algorithm>

namespace tidegate {

namespace {

std::string events_address(const identity_id& id) {
  auto address = "/devices/" + percent_encode(id.device);
  if (id.is_module())
    address += "/modules/" + percent_encode(id.module);
  return address + "/messages/events";
}

void put_text(pn_data_t* map, std::string_view key, std::string_view text) {
  pn_data_put_symbol(map, pn_bytes(key.size(), key.data()));
  pn_data_put_string(map, pn_bytes(text.size(), text.data()));
}

} // namespace

parent_connection::sender_entry&
parent_connection::entry_of(const identity_id& id) {
  auto& entry = senders_[id];
  if (!entry)
    entry = std::make_unique<sender_entry>(sender_entry{event_sender{id}});
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
    entry.sender.take(route, run, shared_, now());
    list(entry);
  }
}

void parent_connection::list(sender_entry& entry) {
  if (!std::exchange(entry.listed, true))
    waiting_.push_back(&entry);
}

/// Sends one transfer of each sender in turn, while there is credit.
void parent_connection::pump() {
  if (!ready_ || failure_)
    return;
  for (bool sent = true; sent;) {
    sent = false;
    for (auto* const entry : waiting_) {
      if (!entry->sender.link() && entry->sender.has_queue())
        open_link(*entry);
      sent = entry->sender.send_one(shared_, now()) || sent;
    }
  }
  std::erase_if(waiting_, [](sender_entry* entry) {
    entry->listed = entry->sender.has_queue();
    return !entry->listed;
  });
}

void parent_connection::open_link(sender_entry& entry) {
  if (!make_room_for_link())
    return; // until a link has nothing to do
  auto& sender = entry.sender;
  const auto name = "events-" + std::to_string(next_name_++);
  auto* const link = pn_sender(session_, name.c_str());
  pn_link_set_context(link, &entry);
  pn_terminus_set_address(pn_link_target(link),
                          events_address(sender.id()).c_str());
  pn_link_set_snd_settle_mode(link, PN_SND_UNSETTLED);
  pn_link_set_rcv_settle_mode(link, PN_RCV_FIRST);
  auto* const properties = pn_link_properties(link);
  pn_data_put_map(properties);
  pn_data_enter(properties);
  put_text(properties, "com.microsoft:client-version",
           "tidegate/" TIDEGATE_VERSION);
  put_text(properties, "com.microsoft:auth-chain",
           to_string(sender.id()) + ';' + context_.device);
  const auto* model = sender.has_queue()
                        ? find_property(sender.next_head().system, "modelId")
                        : nullptr;
  if (model && model->value)
    put_text(properties, "com.microsoft:model-id", *model->value);
  pn_data_exit(properties);
  pn_link_open(link);
  sender.attach(link);
  ++links_;
}

/// Links are bounded: the one that was not used for the longest time goes.
bool parent_connection::make_room_for_link() {
  if (links_ < context_.options.most_links)
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

void parent_connection::close_link(sender_entry& entry) {
  auto* const link = entry.sender.link();
  if (!link)
    return;
  pn_link_set_context(link, nullptr); // freed when the parent follows
  pn_link_close(link);
  entry.sender.detach(shared_);
  --links_;
  if (entry.sender.has_queue())
    list(entry);
}

void parent_connection::link_ended(pn_link_t* link) {
  if (auto* const entry
      = static_cast<sender_entry*>(pn_link_get_context(link))) {
    const auto* condition
      = pn_condition_get_name(pn_link_remote_condition(link));
    entry->sender.refused(condition ? condition : "", shared_, now());
    --links_;
    pn_link_close(link);
    if (entry == own_)
      fail(std::string{"the parent refused this node: "}
           + (condition ? condition : "it gave no reason"));
  }
  pn_link_free(link);
}

void parent_connection::decided(pn_delivery_t* sent) {
  auto* const entry
    = static_cast<sender_entry*>(pn_link_get_context(pn_delivery_link(sent)));
  if (!entry)
    return;
  if (entry->sender.decided(sent, shared_, now())
      != event_sender::next_step::go_on) {
    auto* const link = pn_delivery_link(sent);
    if (entry->sender.link())
      return close_link(*entry);
    pn_link_set_context(link, nullptr);
    pn_link_close(link);
    --links_;
  }
}

void parent_connection::close_idle_links() {
  for (const auto& [id, entry] : senders_)
    if (entry.get() != own_ && entry->sender.link() && entry->sender.idle()
        && now() - entry->sender.last_used() >= context_.options.idle_timeout)
      close_link(*entry);
}

void parent_connection::forget_idle_senders() {
  if (senders_.size() <= 2 * context_.options.most_links)
    return;
  std::erase_if(senders_, [](const auto& known) {
    const auto& [sender, listed] = *known.second;
    return !listed && !sender.link() && sender.idle();
  });
}

} // namespace tidegate
