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

/// Whether `wire_key` is a name under which only the node says something:
/// whose a message is, and where it came out. What a sender wrote there itself
/// is passed on to nobody, who would take it for the node's word. Compares
/// without case.
bool is_nodes_own(std::string_view wire_key);

} // namespace tidegate
