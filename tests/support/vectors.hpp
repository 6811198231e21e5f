#pragma once

#include <boost/json.hpp>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace tidegate {

/// Reads `tests/vectors/<name>`.
inline boost::json::value read_vectors(const std::string& name) {
  std::ifstream file{std::string{TIDEGATE_VECTORS} + '/' + name};
  if (!file)
    throw std::runtime_error{"no test vectors called " + name};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  return boost::json::parse(text);
}

/// A string member, or nothing where it is missing or null.
inline std::string text_or_empty(const boost::json::object& in,
                                 const char* name) {
  const auto* found = in.if_contains(name);
  return found && found->is_string() ? std::string{found->get_string()}
                                     : std::string{};
}

} // namespace tidegate
