#include "messages/iothub/service_address.hpp"

#include "messages/iothub/link_address.hpp"
#include "messages/message_head.hpp"

namespace tidegate {

namespace {

/// Takes the last level off; empty at the front.
std::string_view take_last(std::string_view& rest) {
  const auto slash = rest.rfind('/');
  if (slash == std::string_view::npos)
    return {};
  const auto level = rest.substr(slash + 1);
  rest = rest.substr(0, slash);
  return level;
}

std::optional<service_address> events_address(std::string_view path) {
  service_address found;
  found.resource = service_resource::events;
  found.partition = take_last(path);
  if (!equal_without_case(take_last(path), "Partitions"))
    return std::nullopt;
  found.group = take_last(path);
  if (!equal_without_case(take_last(path), "ConsumerGroups"))
    return std::nullopt;
  found.entity = path;
  if (found.entity.empty() || found.group.empty() || found.partition.empty())
    return std::nullopt;
  return found;
}

std::optional<service_address> address_at(std::string_view path) {
  service_address found;
  if (equal_without_case(path, "messages/devicebound"))
    return found;
  found.resource = service_resource::feedback;
  if (equal_without_case(path, "messages/serviceBound/feedback"))
    return found;
  found.resource = service_resource::management;
  auto entity = path;
  if (equal_without_case(path, "$management")
      || equal_without_case(take_last(entity), "$management"))
    return found;
  return events_address(path);
}

} // namespace

std::optional<service_address> parse_service_address(std::string_view text) {
  const auto path = address_path(text);
  auto found = address_at(path);
  if (found)
    found->path = '/' + std::string{path};
  return found;
}

} // namespace tidegate
