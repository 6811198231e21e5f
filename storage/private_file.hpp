#pragma once

#include <caf/error.hpp>
#include <string>

namespace tidegate {

/// Replaces the file at `path` in one step, readable by its owner only, and
/// durable when this returns. `ec::io_failed` names the path.
caf::error write_private_file(const std::string& path, const std::string& text);

} // namespace tidegate
