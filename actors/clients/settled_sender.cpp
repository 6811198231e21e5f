#include "actors/clients/settled_sender.hpp"

#include <proton/delivery.h>
#include <proton/link.h>

#include <utility>

namespace tidegate {

bool settled_sender::send(std::string encoded) {
  if (waiting_.size() >= most_waiting
      || (!waiting_.empty() && bytes_ + encoded.size() > most_bytes))
    return false;
  bytes_ += encoded.size();
  waiting_.push_back(std::move(encoded));
  pump();
  return true;
}

void settled_sender::pump() {
  while (!waiting_.empty() && pn_link_credit(link_) > 0) {
    const auto tag = std::to_string(next_tag_++);
    const auto& encoded = waiting_.front();
    auto* const delivery = pn_delivery(link_, pn_dtag(tag.data(), tag.size()));
    pn_link_send(link_, encoded.data(), encoded.size());
    pn_delivery_settle(delivery);
    pn_link_advance(link_);
    bytes_ -= encoded.size();
    waiting_.pop_front();
  }
  if (pn_link_get_drain(link_) && waiting_.empty())
    pn_link_drained(link_);
}

} // namespace tidegate
