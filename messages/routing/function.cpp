#include "messages/routing/function.hpp"

#include "messages/message_head.hpp"

#include <array>

namespace tidegate::routing {

namespace {

constexpr auto number = parameter::number;
constexpr auto string = parameter::string;
constexpr auto any = parameter::any;

constexpr std::array all{
  signature{"abs", function::abs, 1, 1, number, number},
  signature{"exp", function::exp, 1, 1, number, number},
  signature{"ceiling", function::ceiling, 1, 1, number, number},
  signature{"floor", function::floor, 1, 1, number, number},
  signature{"sqrt", function::sqrt, 1, 1, number, number},
  signature{"square", function::square, 1, 1, number, number},
  signature{"sign", function::sign, 1, 1, number, number},
  signature{"power", function::power, 2, 2, number, number},
  signature{"as_number", function::as_number, 1, 1, parameter::number_or_string,
            string},
  signature{"length", function::length, 1, 1, string, string},
  signature{"lower", function::lower, 1, 1, string, string},
  signature{"upper", function::upper, 1, 1, string, string},
  signature{"concat", function::concat, 2, any_number_of_arguments, string,
            string},
  signature{"substring", function::substring, 2, 3, string, number},
  signature{"index_of", function::index_of, 2, 2, string, string},
  signature{"starts_with", function::starts_with, 2, 2, string, string},
  signature{"ends_with", function::ends_with, 2, 2, string, string},
  signature{"contains", function::contains, 2, 2, string, string},
  signature{"is_defined", function::is_defined, 1, 1, any, any},
  signature{"is_null", function::is_null, 1, 1, any, any},
  signature{"is_bool", function::is_bool, 1, 1, any, any},
  signature{"is_number", function::is_number, 1, 1, any, any},
  signature{"is_string", function::is_string, 1, 1, any, any},
  signature{"twin_change_includes", function::twin_change_includes, 1, 1, any,
            any},
};

} // namespace

std::span<const signature> signatures() { return all; }

const signature* find_function(std::string_view name) {
  for (const auto& entry : all)
    if (equal_without_case(entry.name, name))
      return &entry;
  return nullptr;
}

} // namespace tidegate::routing
