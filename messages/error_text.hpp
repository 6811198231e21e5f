#pragma once

#include <caf/error.hpp>
#include <string>

namespace tidegate {

/// The sentence an error carries, or what its code means; for people.
std::string error_text(const caf::error& error);

} // namespace tidegate
