#include "messages/amqp/value.hpp"

#include "messages/amqp/time_text.hpp"
#include "messages/mqtt/utf8.hpp"

#include <bit>
#include <charconv>

namespace tidegate::amqp {

namespace {

// Constructor codes (AMQP 1.0, 1.6).
enum code : std::uint8_t {
  described_type = 0x00,
  null_type = 0x40,
  true_type = 0x41,
  false_type = 0x42,
  uint_zero = 0x43,
  ulong_zero = 0x44,
  list_empty = 0x45,
  ubyte_type = 0x50,
  byte_type = 0x51,
  small_uint = 0x52,
  small_ulong = 0x53,
  small_int = 0x54,
  small_long = 0x55,
  boolean_type = 0x56,
  ushort_type = 0x60,
  short_type = 0x61,
  uint_type = 0x70,
  int_type = 0x71,
  float_type = 0x72,
  char_type = 0x73,
  ulong_type = 0x80,
  long_type = 0x81,
  double_type = 0x82,
  timestamp_type = 0x83,
  uuid_type = 0x98,
  binary_short = 0xa0,
  string_short = 0xa1,
  symbol_short = 0xa3,
  binary_long = 0xb0,
  string_long = 0xb1,
  symbol_long = 0xb3,
  list_short = 0xc0,
  map_short = 0xc1,
  list_long = 0xd0,
  map_long = 0xd1,
};

/// How often a value may be described before it is refused.
constexpr int deepest_description = 4;

constexpr std::size_t uuid_size = 16;

/// Bytes of data behind a constructor of fixed width (AMQP 1.0, 1.2).
std::size_t fixed_width(std::uint8_t constructor) {
  switch (constructor >> 4) {
  case 0x5:
    return 1;
  case 0x6:
    return 2;
  case 0x7:
    return 4;
  case 0x8:
    return 8;
  case 0x9:
    return 16;
  default:
    return 0;
  }
}

std::uint64_t sign_extended(std::uint64_t bits, std::size_t bytes) {
  const auto shift = 64 - 8 * static_cast<int>(bytes);
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(bits << shift)
                                    >> shift);
}

kind kind_of_number(std::uint8_t constructor) {
  switch (constructor) {
  case ubyte_type:
  case ushort_type:
  case small_uint:
  case uint_type:
  case small_ulong:
  case ulong_type:
    return kind::natural;
  case byte_type:
  case short_type:
  case small_int:
  case int_type:
  case small_long:
  case long_type:
    return kind::integer;
  case float_type:
  case double_type:
    return kind::real;
  case boolean_type:
    return kind::boolean;
  case char_type:
    return kind::character;
  case timestamp_type:
    return kind::timestamp;
  default:
    return kind::other;
  }
}

std::uint64_t meaning(std::uint8_t constructor, std::uint64_t bits,
                      std::size_t width) {
  switch (kind_of_number(constructor)) {
  case kind::integer:
  case kind::timestamp:
    return sign_extended(bits, width);
  case kind::real:
    return constructor == double_type
             ? bits
             : std::bit_cast<std::uint64_t>(static_cast<double>(
               std::bit_cast<float>(static_cast<std::uint32_t>(bits))));
  case kind::boolean:
    return bits != 0;
  default:
    return bits;
  }
}

kind kind_of_text(std::uint8_t constructor) {
  switch (constructor) {
  case binary_short:
  case binary_long:
    return kind::binary;
  case string_short:
  case string_long:
    return kind::string;
  case symbol_short:
  case symbol_long:
    return kind::symbol;
  default:
    return kind::other;
  }
}

template <class Number>
void print(std::string& out, Number number) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, number).ptr;
  out.assign(text, end);
}

/// One Unicode character; false when `point` is none.
bool print_character(std::string& out, std::uint64_t point) {
  if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
    return false;
  const auto byte = [](std::uint64_t bits) { return static_cast<char>(bits); };
  out.clear();
  if (point < 0x80) {
    out += byte(point);
  } else if (point < 0x800) {
    out += byte(0xc0 | point >> 6);
    out += byte(0x80 | (point & 0x3f));
  } else if (point < 0x10000) {
    out += byte(0xe0 | point >> 12);
    out += byte(0x80 | (point >> 6 & 0x3f));
    out += byte(0x80 | (point & 0x3f));
  } else {
    out += byte(0xf0 | point >> 18);
    out += byte(0x80 | (point >> 12 & 0x3f));
    out += byte(0x80 | (point >> 6 & 0x3f));
    out += byte(0x80 | (point & 0x3f));
  }
  return true;
}

void print_uuid(std::string& out, std::string_view bytes) {
  constexpr char digits[] = "0123456789abcdef";
  out.clear();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10)
      out += '-';
    const auto byte = static_cast<unsigned char>(bytes[i]);
    out += digits[byte >> 4];
    out += digits[byte & 0xf];
  }
}

} // namespace

double value::as_real() const { return std::bit_cast<double>(number); }

bool reader::take(std::size_t size, std::string_view& out) {
  if (size > rest_.size())
    return false;
  out = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return true;
}

bool reader::fixed(std::size_t size, std::uint64_t& out) {
  std::string_view bytes;
  if (!take(size, bytes))
    return false;
  out = 0;
  for (const char byte : bytes)
    out = out << 8 | static_cast<unsigned char>(byte);
  return true;
}

bool reader::compound(std::size_t width, kind is, value& out) {
  std::uint64_t size = 0;
  if (!fixed(width, size) || size < width || !take(size, out.text))
    return false;
  reader inner{out.text};
  std::uint64_t count = 0;
  if (!inner.fixed(width, count))
    return false;
  out.is = is;
  out.text = inner.rest();
  out.count = static_cast<std::uint32_t>(count);
  // Every entry takes a byte at least; a map holds pairs.
  return count <= out.text.size() && (is != kind::map || count % 2 == 0);
}

bool reader::described() {
  value ignored;
  for (int depth = 0; depth < deepest_description; ++depth) {
    std::uint64_t constructor = 0;
    if (rest_.empty() || rest_.front() != described_type)
      return fixed(1, constructor)
             && plain(static_cast<std::uint8_t>(constructor), ignored);
    rest_.remove_prefix(1);
    if (!fixed(1, constructor)
        || !plain(static_cast<std::uint8_t>(constructor), ignored))
      return false;
  }
  return false;
}

bool reader::plain(std::uint8_t constructor, value& out) {
  switch (constructor >> 4) {
  case 0x4:
    switch (constructor) {
    case null_type:
      out.is = kind::null;
      return true;
    case true_type:
    case false_type:
      out.is = kind::boolean;
      out.number = constructor == true_type;
      return true;
    case uint_zero:
    case ulong_zero:
      out.is = kind::natural;
      out.number = 0;
      return true;
    case list_empty:
      out.is = kind::list;
      return true;
    default:
      return false;
    }
  case 0x5:
  case 0x6:
  case 0x7:
  case 0x8: {
    const auto width = fixed_width(constructor);
    std::uint64_t bits = 0;
    if (!fixed(width, bits))
      return false;
    out.is = kind_of_number(constructor);
    out.number = meaning(constructor, bits, width);
    return true;
  }
  case 0x9:
    out.is = constructor == uuid_type ? kind::uuid : kind::other;
    return take(uuid_size, out.text);
  case 0xa:
  case 0xb: {
    std::uint64_t size = 0;
    out.is = kind_of_text(constructor);
    return fixed(constructor >> 4 == 0xa ? 1 : 4, size) && take(size, out.text);
  }
  case 0xc:
  case 0xd: {
    const auto is
      = constructor == list_short || constructor == list_long ? kind::list
        : constructor == map_short || constructor == map_long ? kind::map
                                                              : kind::other;
    return compound(constructor >> 4 == 0xc ? 1 : 4, is, out);
  }
  case 0xe:
  case 0xf: {
    std::uint64_t size = 0;
    out.is = kind::other;
    return fixed(constructor >> 4 == 0xe ? 1 : 4, size) && take(size, out.text);
  }
  default:
    return false;
  }
}

bool reader::next(value& out) {
  const auto start = rest_;
  out = value{};
  std::uint64_t constructor = 0;
  if (!fixed(1, constructor))
    return false;
  bool ok = false;
  if (constructor == described_type) {
    rest_ = start;
    ok = described();
    out.is = kind::other;
  } else {
    ok = plain(static_cast<std::uint8_t>(constructor), out);
  }
  out.raw = start.substr(0, start.size() - rest_.size());
  return ok;
}

bool scalar_text(const value& from, std::string& out) {
  switch (from.is) {
  case kind::boolean:
    out = from.number ? "true" : "false";
    return true;
  case kind::natural:
    print(out, from.number);
    return true;
  case kind::integer:
    print(out, from.as_signed());
    return true;
  case kind::real:
    print(out, from.as_real());
    return true;
  case kind::character:
    return print_character(out, from.number);
  case kind::timestamp:
    out = time_text(from.as_signed());
    return true;
  case kind::uuid:
    print_uuid(out, from.text);
    return true;
  case kind::binary:
  case kind::string:
  case kind::symbol:
    if (!valid_utf8(from.text))
      return false;
    out = from.text;
    return true;
  default:
    return false;
  }
}

} // namespace tidegate::amqp
