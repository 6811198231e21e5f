#pragma once

#include <string_view>

namespace tidegate {

/// The internal name of a system property that a client may set under
/// `wire_key` in a property bag (`$.mid` -> `messageId`; edge-hub spec 1.7);
/// empty when the key is an ordinary user property.
std::string_view internal_name_of(std::string_view wire_key);

/// The bag key under which a client is told the system property `internal`;
/// empty when it is not passed on.
std::string_view wire_key_of(std::string_view internal);

} // namespace tidegate
