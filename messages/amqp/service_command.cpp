#include "messages/amqp/service_command.hpp"

#include "messages/amqp/head_mapping.hpp"
#include "messages/amqp/time_text.hpp"
#include "messages/iothub/link_address.hpp"

#include <algorithm>
#include <array>

namespace tidegate::amqp {

namespace {

constexpr std::array<std::string_view, 4> acks{"none", "positive", "negative",
                                               "full"};

std::string_view text_of(const std::vector<property>& in,
                         std::string_view name) {
  const auto* const found = find_property(in, name);
  return found && found->value ? std::string_view{*found->value}
                               : std::string_view{};
}

bool read_ack(const message_head& head, send_c2d& into) {
  const auto wanted = text_of(head.user, "iothub-ack");
  if (wanted.empty())
    return true;
  const auto found = std::ranges::find_if(acks, [&](std::string_view name) {
    return equal_without_case(name, wanted);
  });
  if (found == acks.end())
    return false;
  into.ack = static_cast<c2d_ack>(found - acks.begin());
  return true;
}

bool read_expiry(const message_head& head, send_c2d& into) {
  const auto text = text_of(head.system, "absolute-expiry-time");
  if (text.empty())
    return true;
  const auto at = parse_time(text);
  if (at)
    into.expires = wall_time{std::chrono::milliseconds{*at}};
  return at.has_value();
}

} // namespace

std::optional<send_c2d> read_service_command(const bytes& encoded,
                                             std::string& why) {
  message_sections sections;
  if (!split_sections(encoded.view, sections, why))
    return std::nullopt;
  const auto read = read_head(sections, {}, {}, why);
  if (!read)
    return std::nullopt;
  auto head = *read;
  std::erase_if(head.system, [](const property& one) {
    return one.name == "connectionDeviceId"; // of a sender, which it has not
  });
  const auto address = parse_link_address(text_of(head.system, "to"));
  send_c2d made;
  if (!address || address->resource != link_resource::device_bound)
    why = "to: must be /devices/{id}/messages/devicebound";
  else if (!read_expiry(head, made))
    why = "absolute-expiry-time: is no time";
  else if (!read_ack(head, made))
    why = "iothub-ack: must be none, positive, negative or full";
  else {
    made.target = address->id;
    std::string joined;
    const auto body = read_body(sections, joined);
    made.payload = sections.data_count > 1 ? own(std::move(joined))
                                           : bytes{encoded.owner, body};
    made.head = std::make_shared<const message_head>(std::move(head));
    return made;
  }
  return std::nullopt;
}

} // namespace tidegate::amqp
