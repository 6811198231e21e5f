#include "actors/service/feedback_feed.hpp"

#include "actors/c2d/feedback_document.hpp"
#include "messages/amqp/head_mapping.hpp"

#include <boost/json/serialize.hpp>
#include <caf/send.hpp>
#include <proton/delivery.h>
#include <proton/disposition.h>
#include <proton/link.h>

namespace tidegate {

namespace {

constexpr auto patience = std::chrono::seconds{60};
constexpr auto period = std::chrono::seconds{1};

/// A message with the records, as IoT Hub tells them.
std::string message_of(const std::vector<c2d_feedback>& records) {
  boost::json::array all;
  for (const auto& one : records)
    all.emplace_back(feedback_document(one));
  const auto body = boost::json::serialize(all);
  message_head head;
  set_property(head.system, "contentType",
               "application/vnd.microsoft.iothub.feedback.json");
  set_property(head.system, "contentEncoding", "utf-8");
  std::string encoded;
  amqp::write_command_head(encoded, head);
  amqp::write_data_header(encoded, body.size());
  return encoded += body;
}

} // namespace

void feedback_feed::look() {
  if (looking_ || sent_ || pn_link_credit(link_) <= 0)
    return;
  looking_ = true;
  ask<std::vector<c2d_feedback>>(
    context_.node->c2d_queues, get_c2d_feedback{batch}, patience,
    [this](const std::vector<c2d_feedback>& records) {
      looking_ = false;
      if (records.empty())
        context_.wake_after(period);
      else if (pn_link_credit(link_) > 0)
        send(records);
    },
    [this](const caf::error&) {
      looking_ = false;
      context_.wake_after(period);
    });
}

void feedback_feed::send(const std::vector<c2d_feedback>& records) {
  const auto tag = std::to_string(next_tag_++);
  const auto encoded = message_of(records);
  sent_ = pn_delivery(link_, pn_dtag(tag.data(), tag.size()));
  pn_link_send(link_, encoded.data(), encoded.size());
  pn_link_advance(link_);
  told_.clear();
  for (const auto& one : records)
    told_.push_back(one.of.sequence);
}

void feedback_feed::decided(pn_delivery_t* delivery) {
  const auto state = pn_delivery_remote_state(delivery);
  const auto read = state == PN_ACCEPTED || state == PN_REJECTED;
  if (delivery != sent_ || !(read || pn_delivery_settled(delivery)))
    return;
  if (read)
    caf::anon_send(context_.node->c2d_queues, forget_c2d_feedback{told_});
  sent_ = nullptr;
  pn_delivery_update(delivery, PN_ACCEPTED);
  pn_delivery_settle(delivery);
  if (read)
    look();
  else
    context_.wake_after(period);
}

} // namespace tidegate
