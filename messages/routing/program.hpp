#pragma once

#include "messages/routing/body_path.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tidegate::routing {

/// What an instruction computes. The compiler has settled all types, so each
/// opcode yields one type and takes operands of fixed types; conversions are
/// instructions too.
enum class opcode : std::uint8_t {
  // bool
  constant_truth,     ///< a: truth
  logical_not,        ///< a: bool
  all_of,             ///< list a, b of bool
  any_of,             ///< list a, b of bool
  both_dynamic,       ///< a, b: dynamic
  either_dynamic,     ///< a, b: dynamic
  not_dynamic,        ///< a: dynamic
  coalesce_truth,     ///< a, b: bool
  dynamic_as_truth,   ///< a: dynamic
  compare_truth,      ///< a, b: bool
  compare_numbers,    ///< a, b: number
  compare_strings,    ///< a, b: string
  compare_dynamic,    ///< a, b: dynamic
  starts_with,        ///< a, b: string
  ends_with,          ///< a, b: string
  contains,           ///< a, b: string
  truth_is_defined,   ///< a: bool
  number_is_defined,  ///< a: number
  string_is_defined,  ///< a: string
  dynamic_is_defined, ///< a: dynamic
  string_is_null,     ///< a: string
  dynamic_is_null,    ///< a: dynamic
  truth_is_bool,      ///< a: bool
  dynamic_is_bool,    ///< a: dynamic
  number_is_finite,   ///< a: number
  dynamic_is_number,  ///< a: dynamic
  string_is_string,   ///< a: string
  dynamic_is_string,  ///< a: dynamic
  // number; undefined is NaN
  constant_number, ///< number
  negate,          ///< a: number
  add,             ///< a, b: number
  subtract,
  multiply,
  divide,
  modulo,
  absolute, ///< a: number
  exponential,
  ceiling,
  floor,
  square_root,
  square,
  sign,
  power,             ///< a, b: number
  string_as_number,  ///< a: string
  length,            ///< a: string
  index_of,          ///< a, b: string
  coalesce_number,   ///< a, b: number
  dynamic_as_number, ///< a: dynamic
  dynamic_parsed,    ///< a: dynamic; a string is read as a number
  // string
  constant_string,   ///< a: index of a text
  user_property,     ///< a: index of a text
  any_property,      ///< a: text `$name`, b: text `name`
  system_property,   ///< a: index of a text
  any_message_id,    ///< a: text; `$edgeMessageId`
  message_id,        ///< `{$edgeMessageId}`
  any_origin,        ///< a: text; `$edgeHubOriginInterface`
  origin,            ///< `{$edgeHubOriginInterface}`
  lower,             ///< a: string
  upper,             ///< a: string
  concat,            ///< list a, b of string; null counts as empty
  substring,         ///< a: string, b: number
  substring_counted, ///< a: string, b, c: number
  coalesce_string,   ///< a, b: string
  dynamic_as_string, ///< a: dynamic
  // dynamic
  body,             ///< a: index of a query
  body_or_property, ///< a: index of a query, b: text `$body...`
  dynamic_undefined,
  dynamic_null,
  truth_as_dynamic,  ///< a: bool
  number_as_dynamic, ///< a: number
  string_as_dynamic, ///< a: string
  negate_dynamic,    ///< a: dynamic
  add_dynamic,       ///< a, b: dynamic
  subtract_dynamic,
  multiply_dynamic,
  divide_dynamic,
  modulo_dynamic,
  coalesce_dynamic, ///< a, b: dynamic
};

enum class relation : std::uint8_t {
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
};

/// Parts that one `concat` joins at most; longer runs are several.
inline constexpr std::size_t most_concat_parts = 16;

/// One step of a compiled condition. `a`, `b`, `c` are indices: of other
/// instructions, or of what the opcode says. A list is `b` entries of
/// `program::lists` from `a` on.
struct instruction {
  opcode op = opcode::constant_truth;
  relation compare = relation::equal;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  std::uint32_t c = 0;
  double number = 0;
};

/// A compiled condition: typed instructions that name each other by index.
struct program {
  std::vector<instruction> code;
  std::vector<std::uint32_t> lists;
  std::vector<std::string> texts;
  std::vector<body_query> queries;
  std::uint32_t root = 0; ///< yields a bool
};

} // namespace tidegate::routing
