#include "messages/routing/body_text.hpp"

#include "messages/routing/utf8.hpp"

#include <cstddef>

namespace tidegate::routing {

namespace {

/// Reads fixed-size code units off bytes.
class unit_reader {
public:
  unit_reader(std::string_view bytes, std::size_t size)
    : bytes_{bytes}, size_{size} {
    if (empty())
      return;
    // The mark U+FEFF reads as a number past all characters, or as U+FFFE,
    // when the order is the other one.
    const auto first = peek();
    const char32_t swapped = size == 2 ? 0xFFFE : 0xFFFE0000;
    big_endian_ = first == swapped;
    if (big_endian_ || first == 0xFEFF)
      take();
  }

  bool empty() const { return bytes_.size() < size_; }
  bool has_rest() const { return empty() && !bytes_.empty(); }

  char32_t peek() const {
    char32_t unit = 0;
    for (std::size_t i = 0; i < size_; ++i) {
      const auto at = big_endian_ ? i : size_ - 1 - i;
      unit = (unit << 8) | static_cast<unsigned char>(bytes_[at]);
    }
    return unit;
  }

  char32_t take() {
    const auto unit = peek();
    bytes_.remove_prefix(size_);
    return unit;
  }

private:
  std::string_view bytes_;
  std::size_t size_;
  bool big_endian_ = false;
};

char32_t take_utf16(unit_reader& units) {
  const auto first = units.take();
  if (first < 0xD800 || first > 0xDBFF || units.empty())
    return first;
  const auto second = units.peek();
  if (second < 0xDC00 || second > 0xDFFF)
    return first;
  units.take();
  return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
}

std::string_view text_of(const message_head& head, std::string_view name) {
  const auto* found = find_property(head.system, name);
  return found && found->value ? std::string_view{*found->value}
                               : std::string_view{};
}

} // namespace

std::optional<body_encoding> queryable_encoding(const message_head& head) {
  if (!equal_without_case(text_of(head, "contentType"), "application/json"))
    return std::nullopt;
  const auto encoding = text_of(head, "contentEncoding");
  if (equal_without_case(encoding, "utf-8"))
    return body_encoding::utf8;
  if (equal_without_case(encoding, "utf-16"))
    return body_encoding::utf16;
  if (equal_without_case(encoding, "utf-32"))
    return body_encoding::utf32;
  return std::nullopt;
}

std::string_view decode_body(std::string_view payload, body_encoding from,
                             std::string& room) {
  if (from == body_encoding::utf8) {
    if (payload.starts_with("\xEF\xBB\xBF"))
      payload.remove_prefix(3);
    return payload;
  }
  room.clear();
  unit_reader units{payload, from == body_encoding::utf16 ? 2U : 4U};
  while (!units.empty())
    append_utf8(room, from == body_encoding::utf16 ? take_utf16(units)
                                                   : units.take());
  if (units.has_rest())
    append_utf8(room, replacement_character);
  return room;
}

} // namespace tidegate::routing
