#pragma once

#include "messages/routing/token.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tidegate::routing {

/// The value of a string literal: its quotes removed, its escapes decoded.
/// A surrogate without its other half becomes U+FFFD.
std::string string_value(std::string_view literal);

/// The value of an integer, hexadecimal or real literal; nothing when it has
/// none (`e5` is a real by the token table) or is wider than 64 bits
/// (hexadecimal).
std::optional<double> number_value(const token& literal);

} // namespace tidegate::routing
