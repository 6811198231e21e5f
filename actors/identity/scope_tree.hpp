#pragma once

#include "messages/identity.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tidegate {

/// Looks an identity up among those known here.
using identity_lookup
  = std::function<std::optional<identity>(const identity_id&)>;

/// The edge devices that `device` is reached through, itself first, the
/// outermost last (edge-hub spec 12.1). At most eight levels; a ring ends.
std::vector<std::string> devices_above(const std::string& device,
                                       const identity_lookup& lookup);

/// Whether `edge` is `device` or stands above it.
bool reached_through(const std::string& edge, const std::string& device,
                     const identity_lookup& lookup);

} // namespace tidegate
