#include "messages/mqtt/utf8.hpp"

#include "messages/mqtt/byte_words.hpp"

namespace tidegate {

namespace {

/// Bytes of the character at the start of `text`, which is not ASCII; 0 when
/// it is malformed.
std::size_t character_size(std::string_view text) {
  const auto byte = [text](std::size_t i) -> unsigned {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const auto tail
    = [&byte](std::size_t i) { return (byte(i) & 0xc0u) == 0x80u; };
  const auto lead = byte(0);
  if (lead >= 0xc2 && lead <= 0xdf)
    return tail(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    const auto low = lead == 0xe0 ? 0xa0u : 0x80u;
    const auto high = lead == 0xed ? 0x9fu : 0xbfu;
    return byte(1) >= low && byte(1) <= high && tail(2) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const auto low = lead == 0xf0 ? 0x90u : 0x80u;
    const auto high = lead == 0xf4 ? 0x8fu : 0xbfu;
    return byte(1) >= low && byte(1) <= high && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

/// Bytes at the start of `text` that are ASCII and not NUL, eight at a time.
std::size_t plain_prefix(std::string_view text) {
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8)
    if (!plain_ascii(load_word(text.data() + at)))
      break;
  return at;
}

bool valid(std::string_view text, bool nul_allowed) {
  auto at = plain_prefix(text);
  while (at < text.size()) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte == 0 && !nul_allowed)
      return false;
    const auto size = byte < 0x80 ? 1 : character_size(text.substr(at));
    if (size == 0)
      return false;
    at += size;
  }
  return true;
}

} // namespace

bool valid_utf8(std::string_view text) { return valid(text, true); }

bool valid_mqtt_string(std::string_view text) { return valid(text, false); }

} // namespace tidegate
