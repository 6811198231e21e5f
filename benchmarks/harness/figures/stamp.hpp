#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidegate::harness {

/// What a payload says about itself, so that whoever receives it can tell
/// loss, duplicates, order and age without any other record.
struct stamp {
  std::uint32_t run = 0;    ///< sets apart what is left from another run
  std::uint32_t sender = 0; ///< index of the publisher
  std::uint64_t sequence = 0;
  /// Steady clock of this machine, which all its processes share.
  std::chrono::nanoseconds sent{};

  bool operator==(const stamp&) const = default;
};

/// A payload is a JSON object that any module or route can read,
/// `{"bench":"<48 hexadecimal digits>"}`, filled up with blanks. The digits
/// always lie at the same place, so that a prepared packet is stamped anew
/// without being built anew.
inline constexpr std::size_t stamp_offset = 10;
inline constexpr std::size_t stamp_size = 48;
inline constexpr std::size_t smallest_payload = stamp_offset + stamp_size + 2;

/// An unstamped payload of `size` bytes, at least `smallest_payload`.
std::string blank_payload(std::size_t size);

/// Writes the digits at `digits`, which has room for `stamp_size` bytes.
void write_stamp(char* digits, const stamp& what);

/// The stamp in a payload, wherever a module that rewrote the body has put
/// it; nothing when there is none.
std::optional<stamp> read_stamp(std::string_view payload);

/// The time now as a stamp counts it.
inline std::chrono::nanoseconds stamp_clock() {
  return std::chrono::steady_clock::now().time_since_epoch();
}

} // namespace tidegate::harness
