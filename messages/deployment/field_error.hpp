#pragma once

#include <string>
#include <vector>

namespace tidegate::deployment {

/// One thing that is wrong with a deployment manifest.
struct field_error {
  /// `modules.filter.settings.createOptions`; empty for the whole document.
  std::string field;
  std::string problem;
  /// Response code of edge-agent spec 2.3: 400, 412 or 417.
  int code = 400;
};

/// `modules.filter.status: is missing`.
std::string to_string(const field_error& error);

using field_errors = std::vector<field_error>;

} // namespace tidegate::deployment
