#include "benchmarks/harness/figures/stamp.hpp"

#include <array>

namespace tidegate::harness {

namespace {

constexpr std::string_view name = "\"bench\":";
constexpr std::string_view digits = "0123456789abcdef";

/// The two digits of every byte value.
constexpr auto pairs = [] {
  std::array<std::array<char, 2>, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i)
    table[i] = {digits[i / 16], digits[i % 16]};
  return table;
}();

/// The value of every digit; 255 marks what is none.
constexpr auto values = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(255);
  for (std::size_t i = 0; i < digits.size(); ++i)
    table[static_cast<unsigned char>(digits[i])] = static_cast<std::uint8_t>(i);
  return table;
}();

char* write_hex(char* at, std::uint64_t value, int size) {
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
    const auto pair = pairs[(value >> shift) & 0xff];
    *at++ = pair[0];
    *at++ = pair[1];
  }
  return at;
}

bool read_hex(std::string_view text, std::uint64_t& out) {
  out = 0;
  std::uint8_t bad = 0;
  for (const auto digit : text) {
    const auto value = values[static_cast<unsigned char>(digit)];
    bad |= value;
    out = out << 4 | (value & 0xf);
  }
  return (bad & 0xf0) == 0;
}

} // namespace

std::string blank_payload(std::size_t size) {
  std::string payload = "{\"bench\":\"";
  payload.append(stamp_size, '0');
  payload += "\"}";
  if (payload.size() < size)
    payload.resize(size, ' ');
  return payload;
}

void write_stamp(char* at, const stamp& what) {
  at = write_hex(at, what.run, 4);
  at = write_hex(at, what.sender, 4);
  at = write_hex(at, what.sequence, 8);
  write_hex(at, static_cast<std::uint64_t>(what.sent.count()), 8);
}

std::optional<stamp> read_stamp(std::string_view payload) {
  const auto found = payload.find(name);
  if (found == std::string_view::npos)
    return {};
  const auto quote = payload.find('"', found + name.size());
  if (quote == std::string_view::npos)
    return {};
  const auto text = payload.substr(quote + 1, stamp_size);
  if (text.size() != stamp_size)
    return {};
  std::uint64_t run = 0, sender = 0, sequence = 0, sent = 0;
  if (!read_hex(text.substr(0, 8), run) || !read_hex(text.substr(8, 8), sender)
      || !read_hex(text.substr(16, 16), sequence)
      || !read_hex(text.substr(32, 16), sent))
    return {};
  return stamp{static_cast<std::uint32_t>(run),
               static_cast<std::uint32_t>(sender), sequence,
               std::chrono::nanoseconds{static_cast<std::int64_t>(sent)}};
}

} // namespace tidegate::harness
