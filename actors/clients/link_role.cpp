#include "actors/clients/link_role.hpp"

namespace tidegate {

namespace {

std::optional<link_role> role_of(const link_address& address,
                                 bool client_receives) {
  switch (address.resource) {
  case link_resource::cbs:
    return client_receives ? link_role::cbs_replies : link_role::cbs_requests;
  case link_resource::events:
    if (!client_receives)
      return link_role::events;
    if (address.id.is_module())
      return link_role::inputs;
    return std::nullopt;
  case link_resource::device_bound:
    if (client_receives)
      return link_role::devicebound;
    return std::nullopt;
  case link_resource::twin:
    return client_receives ? link_role::twin_replies : link_role::twin_requests;
  case link_resource::methods:
    return client_receives ? link_role::method_requests
                           : link_role::method_responses;
  }
  return std::nullopt;
}

} // namespace

std::optional<link_purpose> purpose_of(std::string_view address,
                                       bool client_receives) {
  auto parsed = parse_link_address(address);
  if (!parsed)
    return std::nullopt;
  const auto role = role_of(*parsed, client_receives);
  if (!role)
    return std::nullopt;
  return link_purpose{*role, std::move(parsed->id)};
}

} // namespace tidegate
