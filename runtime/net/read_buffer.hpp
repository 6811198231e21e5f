#pragma once

#include "messages/bytes.hpp"

#include <cstddef>
#include <memory>
#include <span>

namespace tidegate {

/// What one connection reads into. It owns no memory while there is nothing to
/// read, takes blocks as large as the peer's recent reads filled, and hands
/// them on as shared bytes without copying.
class read_buffer {
public:
  static constexpr std::size_t smallest = 2UL * 1024;
  static constexpr std::size_t largest = 256UL * 1024;

  /// Room to read into, never empty. Valid until the next call.
  std::span<char> room();

  /// `count` bytes were read into `room()`.
  void commit(std::size_t count);

  /// What was read and not yet taken.
  std::string_view view() const { return {block_.get(), used_}; }

  /// Takes the first `count` bytes of `view()`.
  bytes take(std::size_t count);

  /// Makes room for `view()` to grow to `size` bytes without moving again.
  void expect(std::size_t size);

  /// Nothing more is coming for now: gives back what is not needed.
  void shrink();

private:
  void resize(std::size_t capacity);

  // NOLINTNEXTLINE(modernize-avoid-c-arrays): blocks differ in size
  std::shared_ptr<char[]> block_;
  std::size_t capacity_ = 0;
  std::size_t used_ = 0;
  std::size_t preferred_ = smallest;
};

} // namespace tidegate
