#include "messages/iothub/method_name.hpp"

namespace tidegate {

std::string method_name_fault(std::string_view name) {
  constexpr std::string_view reserved = "$()<>@,;:\\\"/[]?={}#+%";
  if (name.empty())
    return "missing";
  if (name.size() > longest_method_name)
    return "longer than " + std::to_string(longest_method_name) + " characters";
  for (const char c : name) {
    if (c <= ' ' || c > '~')
      return "has a character that is not printable ASCII, or a space";
    if (reserved.find(c) != std::string_view::npos)
      return std::string{"has the character "} + c
             + ", which no method's name may have";
  }
  return {};
}

} // namespace tidegate
