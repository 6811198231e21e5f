#pragma once

#include <string_view>

namespace tidegate {

/// True when `text` is well-formed UTF-8: no overlong forms, no surrogates,
/// nothing above U+10FFFF. NUL is allowed here.
bool valid_utf8(std::string_view text);

/// True when `text` may be an MQTT string: well-formed UTF-8 without NUL
/// (MQTT 3.1.1, section 1.5.3).
bool valid_mqtt_string(std::string_view text);

} // namespace tidegate
