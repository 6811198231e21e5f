#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tidegate::mqtt {

/// Largest packet a client may send: fixed header plus remaining length, in
/// bytes (edge-hub spec 1.1).
inline constexpr std::size_t max_packet_size = 262'144;

/// What is said of a larger one.
inline constexpr std::string_view packet_too_large
  = "packet is larger than the limit";

/// The first bytes of a packet: type, flags and remaining length (MQTT 3.1.1,
/// section 2.2).
struct fixed_header {
  std::uint8_t type = 0;  ///< 1 CONNECT ... 14 DISCONNECT
  std::uint8_t flags = 0; ///< the low four bits
  std::uint8_t size = 0;  ///< of this header itself, 2 to 5 bytes
  std::uint32_t remaining = 0;

  std::size_t packet_size() const { return size + std::size_t{remaining}; }
};

enum class header_state : std::uint8_t { complete, partial, malformed };

/// Reads the fixed header at the start of `text`. `malformed` means that the
/// remaining length takes more than four bytes; `out` is then unspecified.
header_state read_fixed_header(std::string_view text, fixed_header& out);

/// What lies in a receive buffer.
struct frame_scan {
  /// Bytes at the front that are whole packets.
  std::size_t complete = 0;
  /// Size in bytes of the packet behind them that is not whole yet; 0 while
  /// its header is not whole either.
  std::size_t pending = 0;
  /// Not empty: what follows `complete` is no packet this side accepts, and
  /// the connection is to be closed.
  std::string_view error;
};

/// Splits `buffer` into whole packets. A packet larger than `limit` bytes is
/// an error as soon as its header is there, so nobody has to buffer it.
frame_scan scan_frames(std::string_view buffer,
                       std::size_t limit = max_packet_size);

} // namespace tidegate::mqtt
