#pragma once

#include "messages/message_head.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidegate::routing {

/// How the text of a body is encoded.
enum class body_encoding : std::uint8_t { utf8, utf16, utf32 };

/// The encoding of a body that body queries may look into: the message says
/// that its content type is `application/json` and names one of the three
/// encodings (edge-hub spec 4.7). Nothing for all other messages.
std::optional<body_encoding> queryable_encoding(const message_head& head);

/// `payload` as UTF-8 without a byte order mark; a view of `payload` itself
/// or of `room`. Without a mark, UTF-16 and UTF-32 are little endian. What is
/// no character, and bytes left over at the end, become U+FFFD.
std::string_view decode_body(std::string_view payload, body_encoding from,
                             std::string& room);

} // namespace tidegate::routing
