#include "messages/amqp/command_mapping.hpp"

#include "messages/amqp/head_mapping.hpp"
#include "messages/amqp/time_text.hpp"

#include <algorithm>
#include <charconv>

namespace tidegate::amqp {

namespace {

/// Takes a system property out of `head`; empty when there is none.
std::string take(message_head& head, std::string_view name) {
  const auto found
    = std::find_if(head.system.begin(), head.system.end(),
                   [name](const property& one) { return one.name == name; });
  if (found == head.system.end())
    return {};
  auto text = found->value.value_or("");
  head.system.erase(found);
  return text;
}

template <class Number>
Number number_in(const std::string& text) {
  Number value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

} // namespace

std::optional<c2d_message> read_command(const message_sections& from,
                                        const bytes& encoded,
                                        std::string& why) {
  const auto head = read_command_head(from, why);
  if (!head)
    return std::nullopt;
  c2d_message message;
  message.lock_token = take(*head, "lockToken");
  message.delivery_count
    = number_in<std::uint32_t>(take(*head, "deliveryCount"));
  message.sequence = number_in<std::uint64_t>(take(*head, "sequenceNumber"));
  if (const auto at = parse_time(take(*head, "enqueuedTime")))
    message.enqueued = wall_time{std::chrono::milliseconds{*at}};
  message.head = head;
  std::string joined;
  const auto body = read_body(from, joined);
  message.payload
    = from.data_count > 1 ? own(std::move(joined)) : bytes{encoded.owner, body};
  return message;
}

} // namespace tidegate::amqp
