#include "actors/clients/input_sender.hpp"

#include "messages/amqp/head_mapping.hpp"

#include <proton/delivery.h>
#include <proton/disposition.h>
#include <proton/link.h>

#include <cstring>
#include <random>

namespace tidegate {

namespace {

constexpr std::size_t sequence_at = 8;

delivery_result result_of(std::uint64_t remote_state) {
  switch (remote_state) {
  case PN_ACCEPTED:
    return delivery_result::done;
  case PN_REJECTED:
    return delivery_result::poison;
  default: // released, modified, or settled without a word
    return delivery_result::retry;
  }
}

} // namespace

input_sender::input_sender(pn_link_t* link, bounds most)
  : link_{link}, most_{most} {
  std::random_device source;
  for (std::size_t i = 0; i < sequence_at; ++i)
    tag_[i] = static_cast<char>(source());
}

void input_sender::take(const deliver& from) {
  for (const auto& item : from.items)
    queue_.push_back({from.route, from.input, item});
}

void input_sender::pump(clock::time_point now) {
  while (!queue_.empty() && pn_link_credit(link_) > 0
         && unsettled_bytes_ < most_.bytes
         && unsettled_.size() < most_.messages) {
    auto& next = queue_.front();
    send(next, next.item.from, now);
    if (++next.item.from == next.item.to)
      queue_.pop_front();
  }
  if (pn_link_get_drain(link_) && queue_.empty())
    pn_link_drained(link_);
}

const std::string& input_sender::front_of(const head_ptr& head,
                                          const std::string& input) {
  if (head != last_head_ || input != last_input_) {
    front_.clear();
    amqp::write_input_head(front_, *head, input);
    last_head_ = head;
    last_input_ = input;
  }
  return front_;
}

void input_sender::send(const waiting& from, std::uint32_t record,
                        clock::time_point now) {
  const auto sequence = first_ + unsettled_.size();
  std::memcpy(tag_.data() + sequence_at, &sequence, sizeof sequence);
  auto* const delivery = pn_delivery(link_, pn_dtag(tag_.data(), tag_.size()));
  const auto& block = *from.item.block.data;
  const auto payload = block.payload(record);
  const auto& front = front_of(block.head(record), from.input);
  data_header_.clear();
  amqp::write_data_header(data_header_, payload.size());
  pn_link_send(link_, front.data(), front.size());
  pn_link_send(link_, data_header_.data(), data_header_.size());
  pn_link_send(link_, payload.data(), payload.size());
  pn_link_advance(link_);
  // NOLINTNEXTLINE(performance-no-int-to-ptr): a number, never followed
  pn_delivery_set_context(delivery, reinterpret_cast<void*>(sequence));
  const auto size = front.size() + payload.size();
  unsettled_bytes_ += size;
  unsettled_.push_back({from.route, from.item.lane,
                        from.item.block.first + record, size, delivery, now});
}

void input_sender::decided(pn_delivery_t* delivery, delivery_answers& answers) {
  const auto state = pn_delivery_remote_state(delivery);
  const bool final = state == PN_ACCEPTED || state == PN_REJECTED
                     || state == PN_RELEASED || state == PN_MODIFIED
                     || pn_delivery_settled(delivery);
  if (!final)
    return;
  const auto sequence
    = reinterpret_cast<std::uint64_t>(pn_delivery_get_context(delivery));
  if (sequence < first_ || !unsettled_[sequence - first_].delivery)
    return; // told before, in the same chunk
  auto& record = unsettled_[sequence - first_];
  const auto result = result_of(state);
  // The client in its turn learns that it was understood.
  pn_delivery_update(delivery, PN_ACCEPTED);
  settle(record, result, answers);
  drop_settled();
}

void input_sender::settle(sent& record, delivery_result result,
                          delivery_answers& answers) {
  answers.add(record.route, record.lane, record.offset, 1, result);
  unsettled_bytes_ -= record.size;
  pn_delivery_settle(record.delivery);
  record.delivery = nullptr;
}

void input_sender::drop_settled() {
  while (!unsettled_.empty() && !unsettled_.front().delivery) {
    unsettled_.pop_front();
    ++first_;
  }
}

std::optional<input_sender::clock::time_point>
input_sender::waits_since() const {
  if (unsettled_.empty())
    return std::nullopt;
  return unsettled_.front().at;
}

void input_sender::take_back(delivery_answers& answers) {
  for (auto& record : unsettled_)
    if (record.delivery)
      settle(record, delivery_result::retry, answers);
  drop_settled();
}

} // namespace tidegate
