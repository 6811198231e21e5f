#include "messages/iothub/link_address.hpp"

#include "messages/iothub/percent.hpp"
#include "messages/message_head.hpp"

namespace tidegate {

namespace {

/// Takes the next level off the front; empty at the end.
std::string_view take_level(std::string_view& rest) {
  const auto slash = rest.find('/');
  const auto level = rest.substr(0, slash);
  rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash + 1);
  return level;
}

std::optional<link_resource> resource_of(std::string_view path) {
  if (equal_without_case(path, "messages/events"))
    return link_resource::events;
  if (equal_without_case(path, "messages/devicebound"))
    return link_resource::device_bound;
  if (equal_without_case(path, "twin"))
    return link_resource::twin;
  if (equal_without_case(path, "methods/devicebound"))
    return link_resource::methods;
  return std::nullopt;
}

} // namespace

std::string_view address_path(std::string_view text) {
  if (const auto scheme = text.find("://"); scheme != std::string_view::npos) {
    text.remove_prefix(scheme + 3);
    const auto slash = text.find('/');
    text = slash == std::string_view::npos ? std::string_view{}
                                           : text.substr(slash);
  }
  if (text.starts_with('/'))
    text.remove_prefix(1);
  return text;
}

std::optional<link_address> parse_link_address(std::string_view text) {
  auto rest = address_path(text);
  if (equal_without_case(rest, "$cbs"))
    return link_address{};
  if (!equal_without_case(take_level(rest), "devices"))
    return std::nullopt;
  link_address result;
  result.id.device = percent_decode(take_level(rest));
  auto behind_module = rest;
  if (equal_without_case(take_level(behind_module), "modules")) {
    result.id.module = percent_decode(take_level(behind_module));
    if (result.id.module.empty())
      return std::nullopt;
    rest = behind_module;
  }
  const auto resource = resource_of(rest);
  if (!resource || result.id.device.empty())
    return std::nullopt;
  result.resource = *resource;
  return result;
}

} // namespace tidegate
