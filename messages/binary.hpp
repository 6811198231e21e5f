#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tidegate {

/// The little-endian primitives that everything on disk is made of. Varints
/// are LEB128: seven bits per byte, least significant first.

inline void put_u32(char* at, std::uint32_t value) {
  for (int i = 0; i < 4; ++i)
    at[i] = static_cast<char>(value >> (8 * i));
}

inline void put_u64(char* at, std::uint64_t value) {
  for (int i = 0; i < 8; ++i)
    at[i] = static_cast<char>(value >> (8 * i));
}

inline void put_varint(std::string& out, std::uint64_t value) {
  char text[10];
  std::size_t size = 0;
  for (; value >= 0x80; value >>= 7)
    text[size++] = static_cast<char>(value | 0x80);
  text[size++] = static_cast<char>(value);
  out.append(text, size);
}

/// A varint length, then the text itself.
inline void put_text(std::string& out, std::string_view text) {
  put_varint(out, text.size());
  out.append(text);
}

/// Reads the same from the front of a text. The first read that does not fit
/// makes the reader bad for good, and every read from then on gives zero or
/// nothing: a parser checks once, where it needs to know.
class binary_reader {
public:
  explicit binary_reader(std::string_view text) : rest_(text) {}

  bool ok() const { return ok_; }
  /// How many bytes are left.
  std::size_t left() const { return rest_.size(); }

  std::uint8_t u8() { return static_cast<std::uint8_t>(fixed(1)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(fixed(4)); }
  std::uint64_t u64() { return fixed(8); }

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      if (shift == 63 && byte > 1)
        break; // more than 64 bits
      value |= std::uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80)
        return value;
    }
    fail();
    return 0;
  }

  /// How many entries follow, when each takes at least `entry_size` bytes:
  /// a count that cannot be true fails before anything is reserved for it.
  std::size_t count(std::size_t entry_size) {
    const auto value = varint();
    if (value <= left() / entry_size)
      return value;
    fail();
    return 0;
  }

  /// The next `size` bytes, inside the text that is read.
  std::string_view take(std::uint64_t size) {
    if (size > rest_.size()) {
      fail();
      return {};
    }
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  std::string_view text() { return take(varint()); }

private:
  std::uint64_t fixed(std::size_t size) {
    std::uint64_t value = 0;
    unsigned shift = 0;
    for (const unsigned char byte : take(size)) {
      value |= std::uint64_t{byte} << shift;
      shift += 8;
    }
    return value;
  }

  void fail() {
    ok_ = false;
    rest_ = {};
  }

  std::string_view rest_;
  bool ok_ = true;
};

} // namespace tidegate
