#pragma once

#include "messages/bytes.hpp"

#include <algorithm>
#include <cstddef>
#include <memory>

namespace tidegate {

/// Memory for the transfers of one chunk: many small ones share a block, and
/// a block lives as long as any part of it is used.
class receive_arena {
public:
  /// About `expected` bytes are coming.
  void start(std::size_t expected) {
    block_ = nullptr;
    expected_ = expected;
  }

  /// `size` bytes that `fill(char*)` writes.
  template <class Fill>
  bytes take(std::size_t size, Fill fill) {
    if (!block_ || capacity_ - used_ < size) {
      capacity_ = std::max(size, expected_);
      block_ = std::make_shared_for_overwrite<char[]>(capacity_);
      used_ = 0;
    }
    auto* const at = block_.get() + used_;
    fill(at);
    used_ += size;
    expected_ -= std::min(expected_, size);
    return {block_, {at, size}};
  }

private:
  std::shared_ptr<char[]> block_;
  std::size_t capacity_ = 0;
  std::size_t used_ = 0;
  std::size_t expected_ = 0;
};

} // namespace tidegate
