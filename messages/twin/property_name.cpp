#include "messages/twin/property_name.hpp"

namespace tidegate::twin {

std::string property_name(std::string_view text) {
  std::string name;
  for (const char c : text) {
    switch (c) {
    case '.':
      name += "%2E";
      break;
    case '$':
      name += "%24";
      break;
    case '#':
      name += "%23";
      break;
    case ' ':
      name += "%20";
      break;
    default:
      name += c;
    }
  }
  return name;
}

} // namespace tidegate::twin
