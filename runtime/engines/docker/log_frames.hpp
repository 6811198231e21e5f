#pragma once

#include "actors/modules/log_query.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tidegate::docker {

/// Reads a container's output as its engine sends it: frames of 8 bytes head
/// (stream, three zeros, length) and a text each, or, of a container with a
/// terminal, plain lines. Each text is a line that begins with its time, when
/// the engine was asked for times.
class log_frames {
public:
  /// Longest text of a frame, and of a line without frames.
  static constexpr std::size_t longest = 1u << 20;

  explicit log_frames(bool framed) : framed_{framed} {}

  /// Appends the lines that are complete now. False when this is no such
  /// stream, or the engine reports an error in it, see `problem`.
  bool feed(std::string_view piece, std::vector<log_line>& into);

  /// Nothing follows: appends what is left of a plain line.
  void finish(std::vector<log_line>& into);

  const std::string& problem() const { return problem_; }

private:
  bool take_frames(std::vector<log_line>& into);
  void take_lines(std::vector<log_line>& into);

  bool framed_;
  std::string text_; ///< read, and not yet a whole frame or line
  std::string problem_;
};

} // namespace tidegate::docker
