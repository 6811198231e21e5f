#pragma once

#include "actors/clients/routed_head.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tidegate {

/// Remembers the heads of one link by the bytes that stood in front of the
/// body, so that messages with the same properties share one head and what
/// routing found out about it. Holds the last `capacity` different ones.
class head_cache {
public:
  static constexpr std::size_t capacity = 16;
  /// Longer texts are not worth keeping: they hardly ever repeat.
  static constexpr std::size_t longest_key = 2048;

  /// Null when it is not there.
  routed_head_ptr find(std::string_view key) const;

  /// Keeps `head`, in place of the oldest when full.
  void put(std::string_view key, routed_head_ptr head);

private:
  struct entry {
    std::string key;
    routed_head_ptr head;
  };

  std::array<entry, capacity> entries_;
  std::size_t next_ = 0;
};

} // namespace tidegate
