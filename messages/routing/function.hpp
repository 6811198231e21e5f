#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tidegate::routing {

/// The functions of the language (edge-hub spec 4.8).
enum class function : std::uint8_t {
  abs,
  exp,
  ceiling,
  floor,
  sqrt,
  square,
  sign,
  power,
  as_number,
  length,
  lower,
  upper,
  concat,
  substring,
  index_of,
  starts_with,
  ends_with,
  contains,
  is_defined,
  is_null,
  is_bool,
  is_number,
  is_string,
  twin_change_includes,
};

/// What an argument may be. A dynamic value is accepted everywhere.
enum class parameter : std::uint8_t { number, string, number_or_string, any };

struct signature {
  std::string_view name;
  function id;
  std::size_t least_arguments;
  std::size_t most_arguments;
  /// The first parameters; the last one is repeated for further arguments.
  parameter first;
  parameter rest;
};

inline constexpr std::size_t any_number_of_arguments = ~std::size_t{0};

/// All functions.
std::span<const signature> signatures();

/// The function called `name` (any case), or null.
const signature* find_function(std::string_view name);

} // namespace tidegate::routing
