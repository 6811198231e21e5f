#pragma once

#include <span>
#include <string>
#include <string_view>

namespace tidegate::routing {

/// ` (did you mean 'x'?)` with the known name that `given` most resembles,
/// letters compared without case; empty when none is near.
std::string did_you_mean(std::string_view given,
                         std::span<const std::string_view> known);

} // namespace tidegate::routing
