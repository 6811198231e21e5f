#pragma once

#include "messages/routing/program.hpp"
#include "messages/routing/value.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace tidegate::routing {

/// What a value can depend on besides the condition itself.
enum class needs : std::uint8_t {
  nothing = 0,
  head = 1,
  payload = 2,
  message_id = 4,
};

constexpr needs operator|(needs a, needs b) {
  return static_cast<needs>(static_cast<unsigned>(a)
                            | static_cast<unsigned>(b));
}

constexpr bool has(needs all, needs one) {
  return (static_cast<unsigned>(all) & static_cast<unsigned>(one)) != 0;
}

/// A compiled expression: its type, and the instruction that yields it. The
/// types null and undefined have one value each and thus no instruction.
struct operand {
  value_type type = value_type::undefined;
  std::uint32_t at = 0;
  needs depends = needs::nothing;
  std::size_t offset = 0; ///< where it stands in the source, in bytes
};

/// Puts instructions together. Knows conversions, not which are allowed.
class code_builder {
public:
  /// Appends an instruction that yields `type`.
  operand emit(value_type type, instruction code, needs depends);
  /// Appends `op` on one to three operands; depends on what they depend on.
  operand apply(value_type type, opcode op, operand a,
                std::optional<operand> b = {}, std::optional<operand> c = {});
  /// Appends `op` on a list.
  operand apply_list(value_type type, opcode op,
                     std::span<const operand> items);
  /// Strings or dynamic values joined to one string.
  operand join_text(std::span<const operand> parts);
  operand constant(truth value);
  operand constant(double value);

  std::uint32_t add_text(std::string text);
  std::uint32_t add_query(body_path path);

  /// As a bool: null is false, what is neither bool nor dynamic is undefined.
  operand as_truth(const operand& from);
  /// From a number or dynamic.
  operand as_number(const operand& from);
  /// From a string or dynamic.
  operand as_string(const operand& from);
  /// From anything.
  operand as_dynamic(const operand& from);

  program finish(const operand& root) &&;

private:
  program result_;
};

} // namespace tidegate::routing
