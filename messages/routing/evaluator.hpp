#pragma once

#include "messages/routing/message_view.hpp"
#include "messages/routing/program.hpp"
#include "messages/routing/value.hpp"

#include <cstdint>
#include <span>

namespace tidegate::routing {

/// Runs a program over a message. One member per type; each takes the index
/// of an instruction of that type. Recursion is as deep as the condition is
/// nested (`max_depth`).
class evaluator {
public:
  evaluator(const program& code, message_view& message)
    : code_{code}, message_{message} {}

  truth boolean(std::uint32_t at);
  /// Whether `boolean(at)` is yes, found out with less work.
  bool holds(std::uint32_t at);
  double number(std::uint32_t at);
  text_value text(std::uint32_t at);
  body_value dynamic(std::uint32_t at);

private:
  std::span<const std::uint32_t> list(const instruction& from) const {
    return std::span{code_.lists}.subspan(from.a, from.b);
  }
  std::string_view constant(std::uint32_t at) const { return code_.texts[at]; }

  truth all_of(const instruction& code);
  truth any_of(const instruction& code);
  truth body_truth(std::uint32_t at);
  truth compare_at(const instruction& code);
  truth search(const instruction& code);
  truth ask(const instruction& code);
  double measure(const instruction& code);
  text_value property(const instruction& code);
  text_value cased(const instruction& code);
  text_value concat(const instruction& code);
  text_value substring(const instruction& code);
  body_value calculate(const instruction& code);

  const program& code_;
  message_view& message_;
};

} // namespace tidegate::routing
