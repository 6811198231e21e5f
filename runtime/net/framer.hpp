#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

namespace tidegate {

/// What a framer sees at the start of some bytes.
struct framing {
  /// Length of the prefix that consists of whole packets only.
  std::size_t whole = 0;
  /// Length of the packet that starts behind the prefix, 0 when unknown. The
  /// framer keeps it below its own packet limit: the reader makes that much
  /// room.
  std::size_t next = 0;
  /// Not empty: the bytes behind `whole` break the protocol, and how.
  std::string_view violation;
};

/// Splits a byte stream into packets. A pure function, called again with the
/// same start and more bytes behind it until the first packet is whole. An
/// empty one takes bytes as they come.
using framer = std::function<framing(std::string_view)>;

} // namespace tidegate
