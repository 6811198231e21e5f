#include "actors/uplink/event_sender.hpp"

#include "actors/uplink/given_up.hpp"
#include "actors/uplink/parent_verdict.hpp"

#include <proton/condition.h>
#include <proton/delivery.h>
#include <proton/disposition.h>
#include <proton/link.h>

#include <algorithm>
#include <cstring>

namespace tidegate {

namespace {

/// What is on the way from a route when a failure is told to it arrives within
/// this time; what comes later was sent in the knowledge of it. A route pauses
/// longer than this after a failure.
constexpr auto in_the_air = std::chrono::milliseconds{500};

bool is_outcome(std::uint64_t state) {
  return state == PN_ACCEPTED || state == PN_REJECTED || state == PN_RELEASED
         || state == PN_MODIFIED;
}

std::string_view condition_of(pn_delivery_t* transfer) {
  const auto* name = pn_condition_get_name(
    pn_disposition_condition(pn_delivery_remote(transfer)));
  return name ? name : "";
}

} // namespace

/// After a failure, records that had left the route before it knew would
/// overtake those that come again. They are turned back.
bool event_sender::out_of_turn(const delivery& records, clock::time_point now) {
  if (resume_at_.empty())
    return false;
  if (now - failed_at_ >= in_the_air) {
    resume_at_.clear();
    return false;
  }
  const auto expected = resume_at_.find(records.lane);
  if (expected == resume_at_.end())
    return false;
  if (records.block.first + records.from > expected->second)
    return true;
  resume_at_.erase(expected);
  return false;
}

bool event_sender::take(const caf::actor& route, const delivery& records,
                        upstream_resources& shared, clock::time_point now) {
  last_used_ = now;
  if (out_of_turn(records, now)) {
    shared.answers.add(route, records.lane, records.block.first + records.from,
                       records.to - records.from, delivery_result::retry);
    return false;
  }
  queue_.push_back({route, records});
  return true;
}

void event_sender::take_copy(const message_copy& copy, clock::time_point now) {
  last_used_ = now;
  queue_.push_back(
    {nullptr, delivery{{}, {0, copy.data}, copy.at, copy.at + 1}});
}

std::optional<event_sender::sent_first> event_sender::first() const {
  for (const auto& sent : transfers_) {
    if (sent.answered)
      continue;
    const auto& [route, records] = sent.runs.front();
    if (!route)
      return std::nullopt;
    return sent_first{sent.sent_at,
                      {records.lane, records.block.first + records.from,
                       records.block.data->payload(records.from).size()}};
  }
  return std::nullopt;
}

bool event_sender::begins_with_suspect(const run& records) const {
  const auto& [route, what] = records;
  return suspect_ && route
         && suspect_->is(what.lane, what.block.first + what.from);
}

/// The suspect is on its way, alone.
bool event_sender::waits_for_suspect() const {
  return !transfers_.empty()
         && begins_with_suspect(transfers_.back().runs.front());
}

/// Moves the first record of the queue into a transfer.
void event_sender::move_record(transfer& into) {
  auto& [route, records] = queue_.front();
  const auto at = records.from++;
  ++into.messages;
  if (!into.runs.empty()) {
    auto& last = into.runs.back().records;
    if (route && last.block.data == records.block.data && last.to == at) {
      ++last.to;
      if (records.from == records.to)
        queue_.pop_front();
      return;
    }
  }
  auto& added = into.runs.emplace_back(run{route, records});
  added.records.from = at;
  added.records.to = at + 1;
  if (records.from == records.to)
    queue_.pop_front();
}

void event_sender::fill(transfer& next, upstream_resources& shared) {
  auto& out = shared.encoder;
  const auto& only = queue_.front().records;
  const bool alone = queue_.size() == 1 && only.to - only.from == 1;
  if (!shared.batches || alone || singly_ > 0
      || begins_with_suspect(queue_.front())) {
    const auto& block = *only.block.data;
    out.set_single(block.head(only.from), block.payload(only.from));
    singly_ -= singly_ > 0 ? 1 : 0;
    return move_record(next);
  }
  out.clear();
  while (!queue_.empty()) {
    const auto& records = queue_.front().records;
    const auto& block = *records.block.data;
    const auto& head = block.head(records.from);
    const auto payload = block.payload(records.from);
    if (out.count() > 0
        && (out.size() >= shared.pace.most_at_once()
            || !out.fits(head, payload)))
      break;
    if (out.count() == 0 && !out.fits(head, payload)) {
      out.set_single(head, payload); // too large to share a transfer
      return move_record(next);
    }
    out.add(head, payload);
    move_record(next);
  }
}

bool event_sender::send_one(upstream_resources& shared, clock::time_point now) {
  if (queue_.empty() || !link_ || pn_link_credit(link_) <= 0
      || !shared.pace.has_room() || waits_for_suspect())
    return false;
  transfer next;
  next.sent_at = last_used_ = now;
  fill(next, shared);
  const auto encoded = shared.encoder.encoded();
  next.size = encoded.size();
  const auto tag = next_tag_++;
  const auto sequence = first_ + transfers_.size();
  char text[sizeof tag];
  std::memcpy(text, &tag, sizeof tag);
  auto* const sent = pn_delivery(link_, pn_dtag(text, sizeof text));
  // NOLINTNEXTLINE(performance-no-int-to-ptr): a number, never followed
  pn_delivery_set_context(sent, reinterpret_cast<void*>(sequence));
  pn_link_send(link_, encoded.data(), encoded.size());
  pn_link_advance(link_);
  shared.pace.sent(next.size);
  transfers_.push_back(std::move(next));
  return true;
}

void event_sender::answer(const transfer& of, delivery_result result,
                          upstream_resources& shared) {
  for (const auto& each : of.runs)
    tell(each, result, shared);
  if (begins_with_suspect(of.runs.front())) {
    suspect_.reset();
    ends_ = 0;
  }
  if (result != delivery_result::done)
    return;
  const auto& [route, records] = of.runs.back();
  shared.taken = message_copy{records.block.data, records.to - 1};
  shared.copies_taken += route ? 0 : 1;
}

void event_sender::tell(const run& what, delivery_result result,
                        upstream_resources& shared) const {
  const auto& [route, records] = what;
  if (route)
    shared.answers.add(route, records.lane, records.block.first + records.from,
                       records.to - records.from, result);
}

void event_sender::drop_answered() {
  while (!transfers_.empty() && transfers_.front().answered) {
    transfers_.pop_front();
    ++first_;
  }
}

event_sender::next_step event_sender::decided(pn_delivery_t* sent,
                                              upstream_resources& shared,
                                              clock::time_point now) {
  const auto state = pn_delivery_remote_state(sent);
  if (!is_outcome(state) && !pn_delivery_settled(sent))
    return next_step::go_on;
  const auto sequence
    = reinterpret_cast<std::uint64_t>(pn_delivery_get_context(sent));
  if (sequence < first_ || transfers_[sequence - first_].answered)
    return next_step::go_on;
  auto& concerned = transfers_[sequence - first_];
  if (state == PN_ACCEPTED) {
    answer(concerned, delivery_result::done, shared);
  } else if (state != PN_REJECTED
             || verdict_of_rejection(condition_of(sent))
                  == delivery_result::retry) {
    give_up(delivery_result::retry, shared, now);
    return next_step::failed;
  } else if (concerned.messages > 1) {
    singly_ = 0;
    for (auto i = first_; i <= sequence; ++i)
      if (!transfers_[i - first_].answered)
        singly_ += transfers_[i - first_].messages;
    return next_step::reopen;
  } else {
    answer(concerned, delivery_result::poison, shared);
  }
  concerned.answered = true;
  shared.pace.acknowledged(concerned.size, concerned.sent_at, now);
  pn_delivery_settle(sent);
  drop_answered();
  return next_step::go_on;
}

void event_sender::detach(upstream_resources& shared) {
  link_ = nullptr;
  for (auto sent = transfers_.rbegin(); sent != transfers_.rend(); ++sent) {
    if (sent->answered)
      continue;
    shared.pace.taken_back(sent->size);
    for (auto each = sent->runs.rbegin(); each != sent->runs.rend(); ++each)
      queue_.push_front(std::move(*each));
  }
  first_ += transfers_.size();
  transfers_.clear();
}

void event_sender::refused(std::string_view condition,
                           upstream_resources& shared) {
  suspect(condition);
  detach(shared);
  if (ends_ > ends_alone)
    give_up_suspect(shared);
}

/// The parent has ended the link, and the connection goes on: it may be over
/// the oldest message that it has not answered.
void event_sender::suspect(std::string_view condition) {
  const auto oldest = first();
  if (!oldest || verdict_of_rejection(condition) == delivery_result::retry)
    return;
  const auto& message = oldest->message;
  if (!suspect_ || !suspect_->is(message.lane, message.offset))
    ends_ = 0;
  suspect_ = message;
  ++ends_;
}

/// It is the first in the queue.
void event_sender::give_up_suspect(upstream_resources& shared) {
  if (queue_.empty() || !begins_with_suspect(queue_.front()))
    return;
  auto only = queue_.front();
  only.records.to = only.records.from + 1;
  tell(only, delivery_result::poison, shared);
  tell_given_up(*shared.meters, {only.records.block.data, only.records.from},
                "ends_links");
  if (++queue_.front().records.from == queue_.front().records.to)
    queue_.pop_front();
  suspect_.reset();
  ends_ = 0;
}

void event_sender::give_up(delivery_result result, upstream_resources& shared,
                           clock::time_point now) {
  detach(shared);
  resume_at_.clear();
  failed_at_ = now;
  singly_ = 0;
  for (const auto& each : queue_) {
    const auto& records = each.records;
    const auto from = records.block.first + records.from;
    tell(each, result, shared);
    if (each.route && result == delivery_result::retry) {
      const auto [known, is_new] = resume_at_.try_emplace(records.lane, from);
      known->second = std::min(known->second, from);
    }
  }
  queue_.clear();
}

} // namespace tidegate
