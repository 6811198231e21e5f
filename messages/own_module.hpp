#pragma once

#include "messages/identity_id.hpp"

namespace tidegate {

/// The modules of an edge device that are part of the node itself.
inline identity_id hub_of(const std::string& device) {
  return {device, "$edgeHub"};
}
inline identity_id agent_of(const std::string& device) {
  return {device, "$edgeAgent"};
}

/// Whether `id` is one of the two, of `device`.
inline bool is_own_module(const identity_id& id, const std::string& device) {
  return id.device == device
         && (id.module == "$edgeHub" || id.module == "$edgeAgent");
}

} // namespace tidegate
