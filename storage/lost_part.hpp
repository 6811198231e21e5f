#pragma once

#include "storage/rocks.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace tidegate {

/// A part of the store that could not be read, and what became of it.
struct lost_part {
  partition where = partition::meta;
  std::string reason;
  std::size_t kept = 0; ///< records around it, which are as they were
  /// The keys of those next to what is lost; empty: it is lost from the
  /// beginning, or to the end.
  std::string after, before;
  /// When it was found out; milliseconds since 1970.
  std::int64_t when = 0;

  /// Whether what is lost could have had that key.
  bool may_hold(std::string_view key) const {
    return key > after && (before.empty() || key < before);
  }
};

/// Hears of damage, on any thread, when it has been mended.
using damage_listener = std::function<void(const lost_part&)>;

/// What people call a partition.
const char* name_of(partition which);

/// A key as a person can read it.
std::string readable_key(std::string_view key);

} // namespace tidegate
