#pragma once

#include "messages/routing/code_builder.hpp"
#include "messages/routing/operator_rules.hpp"

#include <span>
#include <string_view>

namespace tidegate::routing {

/// A call of `name` (edge-hub spec 4.8): checks that there is such a function,
/// how many arguments it takes and of which types, and adds the code.
typed apply_function(code_builder& code, std::string_view name,
                     std::span<const operand> arguments);

} // namespace tidegate::routing
