#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tidegate::routing {

/// Operators with operands on one or both sides (edge-hub spec 4.4).
enum class operation : std::uint8_t {
  negate,
  logical_not,
  multiply,
  divide,
  modulo,
  add,
  subtract,
  concat,
  less,
  less_equal,
  greater,
  greater_equal,
  equal,
  not_equal,
  logical_and,
  logical_or,
  coalesce,
};

enum class syntax_kind : std::uint8_t {
  undefined_literal,
  null_literal,
  bool_literal,
  number_literal,
  string_literal,
  user_name,    ///< `name`
  system_name,  ///< `$name`
  escaped_name, ///< `{$name}`
  operation,
  call,
};

/// A node of a condition as written, before anything is known about types.
struct syntax_node {
  syntax_kind kind = syntax_kind::undefined_literal;
  operation op = operation::negate;
  std::size_t offset = 0; ///< of the operator, name or literal, in bytes
  std::size_t depth = 1;  ///< levels below and including this one
  double number = 0;      ///< a number's value; 1 for true
  /// A string's value, a name without its `$`, a function's name.
  std::string text;
  /// Operands or arguments. AND, OR and concat hold a whole run of them.
  std::vector<std::uint32_t> children;
};

/// All nodes of a condition, in no particular order.
struct syntax_tree {
  std::vector<syntax_node> nodes;
  std::uint32_t root = 0;
};

} // namespace tidegate::routing
