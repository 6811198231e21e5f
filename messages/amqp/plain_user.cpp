#include "messages/amqp/plain_user.hpp"

#include "messages/iothub/percent.hpp"
#include "messages/message_head.hpp"

namespace tidegate::amqp {

std::optional<identity_id> parse_plain_user(std::string_view user,
                                            std::string_view hub_host) {
  const auto at = user.rfind('@');
  if (at == std::string_view::npos)
    return std::nullopt;
  auto hub = user.substr(at + 1);
  constexpr std::string_view prefix = "sas.";
  if (equal_without_case(hub.substr(0, prefix.size()), prefix))
    hub.remove_prefix(prefix.size());
  if (!equal_without_case(hub, hub_host.substr(0, hub_host.find('.'))))
    return std::nullopt;
  const auto name = user.substr(0, at);
  constexpr std::string_view infix = "/modules/";
  const auto cut = name.find(infix);
  identity_id id{percent_decode(name.substr(0, cut)), {}};
  if (cut != std::string_view::npos) {
    id.module = percent_decode(name.substr(cut + infix.size()));
    if (id.module.empty() || id.module.find('/') != std::string::npos)
      return std::nullopt;
  }
  if (id.device.empty() || id.device.find('/') != std::string::npos)
    return std::nullopt;
  return id;
}

bool is_policy_user(std::string_view user, std::string_view hub_host) {
  const auto at = user.rfind('@');
  constexpr std::string_view prefix = "sas.root.";
  if (at == std::string_view::npos || at == 0)
    return false;
  const auto hub = user.substr(at + 1);
  return equal_without_case(hub.substr(0, prefix.size()), prefix)
         && equal_without_case(hub.substr(prefix.size()),
                               hub_host.substr(0, hub_host.find('.')));
}

} // namespace tidegate::amqp
