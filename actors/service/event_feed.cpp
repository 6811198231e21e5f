#include "actors/service/event_feed.hpp"

#include "actors/supervision/supervisor_messages.hpp"
#include "messages/amqp/head_mapping.hpp"
#include "messages/ec.hpp"
#include "messages/error_text.hpp"

#include <proton/delivery.h>
#include <proton/disposition.h>
#include <proton/link.h>

namespace tidegate {

namespace {

constexpr auto patience = std::chrono::seconds{60};
constexpr auto longest_wait = std::chrono::seconds{20};
constexpr auto pause = std::chrono::milliseconds{200};
constexpr std::size_t page_bytes = 256 * 1024;

bool is_final(pn_delivery_t* delivery) {
  const auto state = pn_delivery_remote_state(delivery);
  return state == PN_ACCEPTED || state == PN_REJECTED || state == PN_RELEASED
         || state == PN_MODIFIED || pn_delivery_settled(delivery);
}

} // namespace

event_feed::event_feed(service_link_context& context, pn_link_t* link,
                       event_position from)
  : service_link{context, link}, from_{from} {
  find_log();
}

void event_feed::find_log() {
  ask<child_handle>(
    context_.node->sinks, get_child{"iothub"}, patience,
    [this](const child_handle& found) {
      log_ = caf::actor_cast<event_log_actor>(found.handle);
      find_start();
    },
    [this](const caf::error& why) { fail(why); });
}

/// Only the log knows where it ends, and when its events were stored.
void event_feed::find_start() {
  ask<events_page>(
    log_, read_events{0, 1, std::chrono::milliseconds{0}}, patience,
    [this](const events_page& page) {
      if (from_.is == event_position::kind::end)
        return start_at(page.next);
      if (from_.is == event_position::kind::after_number)
        return start_behind(from_.value, page.next);
      const wall_time after{std::chrono::milliseconds{from_.value}};
      search_.emplace(after, page.oldest, page.next);
      search();
    },
    [this](const caf::error& why) { fail(why); });
}

/// A place that the log has not reached is none of this log's.
void event_feed::start_behind(std::int64_t number, std::uint64_t end) {
  const auto first
    = static_cast<std::uint64_t>(std::max<std::int64_t>(number, -1) + 1);
  if (first <= end)
    return start_at(first);
  context_.close(link_, {condition::out_of_range,
                         "the log ends before event " + std::to_string(first)});
}

void event_feed::search() {
  const auto probe = search_->probe();
  if (!probe)
    return start_at(search_->found());
  ask<events_page>(
    log_, read_events{*probe, 1, std::chrono::milliseconds{0}}, patience,
    [this](const events_page& page) {
      if (page.blocks.empty()) {
        search_->saw_nothing();
      } else {
        const auto& block = page.blocks.front();
        search_->saw(block.first, block.end(), block.data->enqueued());
      }
      search();
    },
    [this](const caf::error& why) { fail(why); });
}

void event_feed::start_at(std::uint64_t offset) {
  next_ = offset;
  started_ = true;
  pump();
}

void event_feed::pump() {
  while (!page_.empty() && pn_link_credit(link_) > 0
         && unsettled_bytes_ < context_.node->limits.outbound_bytes) {
    const auto& block = page_.front();
    next_ = std::max(next_, block.first);
    if (next_ < block.end())
      send(block, next_++);
    if (next_ >= block.end())
      page_.pop_front();
  }
  if (page_.empty() && pn_link_credit(link_) > 0)
    read();
  if (pn_link_get_drain(link_) && page_.empty())
    pn_link_drained(link_);
}

void event_feed::read() {
  if (!started_ || std::exchange(asking_, true))
    return;
  const auto asked = context_.self->clock().now();
  ask<events_page>(
    log_, read_events{next_, page_bytes, longest_wait}, patience,
    [this, asked](const events_page& page) {
      asking_ = false;
      next_ = std::max(next_, page.oldest);
      page_.assign(page.blocks.begin(), page.blocks.end());
      // A log with many readers answers at once.
      if (page_.empty() && context_.self->clock().now() - asked < longest_wait)
        return context_.wake_after(pause);
      pump();
    },
    [this](const caf::error& why) { fail(why); });
}

void event_feed::send(const stored_block& block, std::uint64_t offset) {
  const auto index = static_cast<std::uint32_t>(offset - block.first);
  const auto payload = block.data->payload(index);
  std::string front;
  amqp::write_event_head(front, *block.data->head(index), offset,
                         block.data->enqueued().time_since_epoch().count());
  amqp::write_data_header(front, payload.size());
  const auto tag = std::to_string(next_tag_++);
  auto* const delivery = pn_delivery(link_, pn_dtag(tag.data(), tag.size()));
  pn_link_send(link_, front.data(), front.size());
  pn_link_send(link_, payload.data(), payload.size());
  pn_link_advance(link_);
  const auto size = front.size() + payload.size();
  // NOLINTNEXTLINE(performance-no-int-to-ptr): a number, never followed
  pn_delivery_set_context(delivery, reinterpret_cast<void*>(size));
  unsettled_bytes_ += size;
}

void event_feed::decided(pn_delivery_t* delivery) {
  if (!is_final(delivery))
    return;
  unsettled_bytes_
    -= reinterpret_cast<std::size_t>(pn_delivery_get_context(delivery));
  pn_delivery_set_context(delivery, nullptr);
  pn_delivery_settle(delivery);
  pump();
}

void event_feed::fail(const caf::error& why) {
  if (why == ec::not_found)
    return context_.close(link_, {condition::not_found,
                                  "no route leads to $upstream: there is no "
                                  "event log"});
  context_.close(link_, {condition::internal_error, error_text(why)});
}

} // namespace tidegate
