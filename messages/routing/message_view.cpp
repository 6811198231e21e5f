#include "messages/routing/message_view.hpp"

namespace tidegate::routing {

namespace {

text_value value_of(const property* found) {
  if (!found)
    return {};
  if (!found->value)
    return {text_value::state::null, {}};
  return present_text(*found->value);
}

} // namespace

message_view::message_view(const message_head& head, std::string_view payload,
                           std::string_view edge_device, scratch& memory)
  : head_{head}, edge_device_{edge_device}, memory_{memory}, payload_{payload},
    head_only_{false} {
  memory_.room.rewind({});
}

message_view::message_view(const message_head& head,
                           std::string_view edge_device, scratch& memory)
  : head_{head}, edge_device_{edge_device}, memory_{memory}, head_only_{true} {
  memory_.room.rewind({});
}

text_value message_view::user_property(std::string_view name) const {
  return value_of(find_property(head_.user, name));
}

text_value message_view::system_property(std::string_view name) const {
  return value_of(find_property(head_.system, name));
}

text_value message_view::message_id() {
  if (head_only_) {
    incomplete_ = true;
    return {};
  }
  if (!message_id_)
    message_id_ = memory_.guids.next();
  return present_text(*message_id_);
}

text_value message_view::origin() const {
  const auto device = system_property("connectionDeviceId");
  const auto sender
    = device.present() ? device.view : std::string_view{head_.sender.device};
  return present_text(sender == edge_device_ ? "internal" : "downstream");
}

void message_view::settle_body() {
  if (body_settled_)
    return;
  body_settled_ = true;
  const auto encoding = queryable_encoding(head_);
  queryable_ = encoding.has_value();
  if (queryable_ && !head_only_)
    memory_.body.set(payload_, *encoding);
}

body_value message_view::body(const body_query& query) {
  settle_body();
  if (!queryable_)
    return {};
  if (!head_only_)
    return memory_.body.find(query, memory_.room);
  incomplete_ = true;
  return {};
}

} // namespace tidegate::routing
