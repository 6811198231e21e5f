#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tidegate::amqp {

/// What a frame may be at most.
struct frame_bounds {
  std::size_t frame = 65'536;
  /// The part in front of a transfer's payload; of other frames everything.
  std::size_t performative = 8192;
  std::size_t sasl_performative = 16'384; ///< a token may be in it
  /// Values in a performative, those inside others too.
  std::size_t values = 256;
};

/// What a guard has found at the start of some bytes.
struct frame_glimpse {
  std::size_t size = 0; ///< so many of them may go on
  /// About how many bytes of memory they cost whoever decodes and keeps them.
  std::size_t cost = 0;
  /// Not empty: a frame is not to be decoded, and why.
  std::string_view wrong;
};

/// Looks at AMQP frames before they are decoded (AMQP 1.0, part 2, 2.3): an
/// engine makes trees of them that take a hundred times their room. Sees the
/// bytes that a client sends on one connection, in whatever pieces they come.
/// What a client sends once at most is wrong the second time: Proton 0.37 never
/// frees what it kept of the first.
class frame_guard {
public:
  /// Looks at `bytes`, up to the end of the first frame in them. What follows
  /// is to be shown again. Nothing good comes after something wrong.
  frame_glimpse look(std::string_view bytes, const frame_bounds& bounds = {});

private:
  /// Counts it as having come.
  bool comes_right(bool is_sasl, std::uint64_t code);

  std::string begun_;          ///< a frame whose performative is not whole
  std::size_t passing_ = 0;    ///< bytes to come of one that is good
  bool authenticates_ = false; ///< there was a SASL init
  bool opened_ = false;        ///< there was an OPEN
};

} // namespace tidegate::amqp
