#pragma once

#include <cstdint>
#include <cstring>

namespace tidegate {

// Looks at eight bytes at a time. Each function may only be wrong in saying
// that a byte is there when a lower one of the word is; so "none" is exact.

inline constexpr std::uint64_t each_byte = 0x0101010101010101u;
inline constexpr std::uint64_t high_bits = 0x8080808080808080u;

inline std::uint64_t load_word(const char* from) {
  std::uint64_t word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

/// True when all eight bytes are ASCII and none is NUL.
inline bool plain_ascii(std::uint64_t word) {
  return ((word | (word - each_byte)) & high_bits) == 0;
}

/// True when no byte of `word`, all of them ASCII, is `c`.
inline bool without(std::uint64_t word, char c) {
  const auto zero_where_equal
    = word ^ (each_byte * static_cast<unsigned char>(c));
  return plain_ascii(zero_where_equal);
}

} // namespace tidegate
