#pragma once

#include "messages/iothub/link_address.hpp"

#include <optional>
#include <string_view>

namespace tidegate {

/// What a link does, seen from the hub (edge-hub spec 2.4).
enum class link_role {
  cbs_requests, ///< the client puts tokens
  cbs_replies,
  events,      ///< the client sends telemetry
  inputs,      ///< a module receives its inputs
  devicebound, ///< cloud-to-device messages
  twin_requests,
  twin_replies,
  method_responses,
  method_requests,
  service, ///< of a service; see `service_address`
};

struct link_purpose {
  link_role role = link_role::cbs_requests;
  identity_id id; ///< empty for cbs
};

/// What a client wants that attaches to `address` as receiver or as sender;
/// nothing when the hub has no such link.
std::optional<link_purpose> purpose_of(std::string_view address,
                                       bool client_receives);

} // namespace tidegate
