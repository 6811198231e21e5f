#pragma once

#include "actors/log.hpp"

#include <caf/error.hpp>
#include <caf/sec.hpp>

#include <exception>
#include <string>
#include <string_view>

namespace tidegate {

/// Says in the log, within its limits, what was thrown in a session, which ends
/// with it; CAF would write each to the standard error output. For
/// `set_exception_handler`.
inline caf::error log_thrown(std::string_view component,
                             const std::exception_ptr& thrown) {
  std::string what = "something";
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& failure) {
    what = failure.what();
  } catch (...) {
  }
  log::error(component, "a session failed", {{"what", what}});
  return caf::make_error(caf::sec::runtime_error, what);
}

} // namespace tidegate
