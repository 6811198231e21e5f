#pragma once

#include <caf/error.hpp>
#include <caf/make_message.hpp> // make_error with a text needs it

#include <cstdint>

namespace tidegate {

/// What can go wrong and is expected to. Zero means "no error" and is never
/// used for one.
enum class ec : std::uint8_t {
  ok,
  bad_argument,
  not_found,
  unauthorized,
  store_full,
  store_failed,
  store_damaged,
  lane_gone,
  unavailable,
  timed_out,
  refused,
  io_failed,
  exists,    ///< there is one by that name already
  stale,     ///< it has changed since the asker looked
  malformed, ///< text that cannot be read at all
};

} // namespace tidegate

CAF_ERROR_CODE_ENUM(tidegate::ec, "tidegate")
