#pragma once

#include "messages/iothub/inbound_topic.hpp"
#include "messages/iothub/outbound_topic.hpp"

#include <optional>
#include <string>

namespace tidegate {

/// The topic on which a client is told that its twin operation failed; nothing
/// when no answer is wanted. Twins and methods have no home in this node yet:
/// every operation is answered with 500, "everything else" of edge-hub spec
/// 1.11, and method responses, which nobody asked for, have no answer.
inline std::optional<std::string>
unavailable_topic(const inbound_topic& request) {
  const bool twin = request.kind == inbound_kind::twin_get
                    || request.kind == inbound_kind::twin_patch;
  if (!twin || request.rid.empty())
    return std::nullopt;
  return twin_response_topic(500, request.rid);
}

} // namespace tidegate
