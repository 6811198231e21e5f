#pragma once

#include <boost/json.hpp>

#include <filesystem>
#include <string>

namespace tidegate {

/// `tests/vectors` of the tree this was built from.
std::filesystem::path vectors_folder();

/// Reads `tests/vectors/<name>`.
boost::json::value read_vectors(const std::string& name);

/// A string member, or nothing where it is missing or null.
inline std::string text_or_empty(const boost::json::object& in,
                                 const char* name) {
  const auto* found = in.if_contains(name);
  return found && found->is_string() ? std::string{found->get_string()}
                                     : std::string{};
}

} // namespace tidegate
