#pragma once

#include <string>
#include <string_view>

namespace tidegate {

/// Appends `text` with everything but `A-Z a-z 0-9 - _ . ~` as `%XX`, upper
/// case (edge-hub spec 1.7).
void percent_encode(std::string& out, std::string_view text);
std::string percent_encode(std::string_view text);

/// Resolves `%XX`. What is no escape stays as it is, and so does a run of
/// escapes that would not be UTF-8: decoding valid UTF-8 gives valid UTF-8.
/// `+` stays `+`.
std::string percent_decode(std::string_view text);

/// As `percent_decode`, but `+` becomes a space, as in HTML forms.
std::string form_decode(std::string_view text);

} // namespace tidegate
