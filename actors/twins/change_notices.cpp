#include "actors/twins/change_notices.hpp"

#include "messages/amqp/time_text.hpp"

#include <utility>

namespace tidegate {

namespace {

constexpr auto kind = "twinChangeNotification";

} // namespace

change_notices::change_notices(session_context context, caf::actor self)
  : context_{share(std::move(context))}, ingress_{context_, std::move(self)} {}

/// The node itself is the sender; who changed its twin is named beside it.
head_ptr change_notices::head_for(const identity_id& by) const {
  auto head = std::make_shared<message_head>();
  head->sender = {context_->device, "$edgeHub"};
  head->system = {{"messageType", kind},
                  {"messageSchema", kind},
                  {"enqueuedTime",
                   amqp::time_text(context_->now().time_since_epoch().count())},
                  {"connectionDeviceId", head->sender.device},
                  {"connectionModuleId", head->sender.module},
                  {"rpSenderDeviceId", by.device}};
  if (by.is_module())
    head->system.push_back({"rpSenderModuleId", by.module});
  return head;
}

void change_notices::route(const identity_id& by, bytes patch, told then) {
  waiting_.emplace(next_, std::move(then));
  ingress_.add(ingress_.prepare(head_for(by)), std::move(patch), next_++);
  ingress_.flush();
  tell();
}

void change_notices::done(const append_done& answer) {
  ingress_.done(answer);
  tell();
}

void change_notices::tell() {
  while (const auto decided = ingress_.next_decision())
    for (const auto ticket : decided->tickets)
      if (auto found = waiting_.extract(ticket))
        found.mapped()(decided->error);
}

} // namespace tidegate
