#include "messages/routing/guid_source.hpp"

#include <cstddef>

namespace tidegate::routing {

/// SplitMix64.
std::uint64_t guid_source::random() {
  state_ += 0x9E3779B97F4A7C15;
  auto z = state_;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

std::string_view guid_source::next() {
  constexpr std::string_view pattern = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";
  constexpr std::string_view digits = "0123456789abcdef";
  std::array bits{random(), random()};
  std::size_t taken = 0;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    text_[i] = c;
    if (c != 'x' && c != 'y')
      continue;
    const auto nibble = (bits[taken / 16] >> (4 * (taken % 16))) & 0xF;
    text_[i] = digits[c == 'y' ? 8 | (nibble & 3) : nibble];
    ++taken;
  }
  return {text_.data(), text_.size()};
}

} // namespace tidegate::routing
