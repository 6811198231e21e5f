#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tidegate {

/// RFC 4648, section 4, with padding.
std::string base64_encode(std::string_view bytes);

/// Reads padded base64; nothing when `text` is anything else, white space and
/// missing padding included.
std::optional<std::string> base64_decode(std::string_view text);

} // namespace tidegate
