#pragma once

#include <string>
#include <string_view>

namespace tidegate::twin {

/// `text` as the name of a property, in which `.`, `$`, `#` and space cannot
/// be: they are written as `%2E` and so on.
std::string property_name(std::string_view text);

} // namespace tidegate::twin
