#include "messages/mqtt/frame.hpp"

namespace tidegate::mqtt {

header_state read_fixed_header(std::string_view text, fixed_header& out) {
  if (text.empty())
    return header_state::partial;
  const auto first = static_cast<unsigned char>(text[0]);
  out.type = static_cast<std::uint8_t>(first >> 4);
  out.flags = first & 0x0fu;
  out.remaining = 0;
  for (std::uint8_t i = 0; i < 4; ++i) {
    const auto at = i + 1u;
    if (at >= text.size())
      return header_state::partial;
    const auto digit = static_cast<unsigned char>(text[at]);
    out.remaining |= static_cast<std::uint32_t>(digit & 0x7fu) << (7 * i);
    if ((digit & 0x80u) == 0) {
      out.size = static_cast<std::uint8_t>(at + 1);
      return header_state::complete;
    }
  }
  return header_state::malformed;
}

frame_scan scan_frames(std::string_view buffer, std::size_t limit) {
  frame_scan result;
  while (result.complete < buffer.size()) {
    fixed_header header;
    const auto rest = buffer.substr(result.complete);
    const auto state = read_fixed_header(rest, header);
    if (state == header_state::partial)
      return result;
    if (state == header_state::malformed) {
      result.error = "remaining length takes more than four bytes";
      return result;
    }
    if (header.packet_size() > limit) {
      result.error = packet_too_large;
      return result;
    }
    if (header.packet_size() > rest.size()) {
      result.pending = header.packet_size();
      return result;
    }
    result.complete += header.packet_size();
  }
  return result;
}

} // namespace tidegate::mqtt
