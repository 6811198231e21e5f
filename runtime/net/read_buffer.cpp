#include "runtime/net/read_buffer.hpp"

#include <algorithm>
#include <cstring>

namespace tidegate {

namespace {

// NOLINTBEGIN(modernize-avoid-c-arrays): blocks differ in size
std::shared_ptr<char[]> copy_of(std::string_view text, std::size_t capacity) {
  auto block = std::make_shared_for_overwrite<char[]>(capacity);
  std::copy(text.begin(), text.end(), block.get());
  return block;
}
// NOLINTEND(modernize-avoid-c-arrays)

} // namespace

void read_buffer::resize(std::size_t capacity) {
  block_ = copy_of(view(), capacity);
  capacity_ = capacity;
}

std::span<char> read_buffer::room() {
  if (used_ == capacity_)
    resize(std::max(preferred_, used_ * 2));
  return {block_.get() + used_, capacity_ - used_};
}

void read_buffer::commit(std::size_t count) {
  used_ += count;
  if (used_ == capacity_)
    preferred_ = std::min(largest, preferred_ * 2);
  else if (used_ < preferred_ / 4)
    preferred_ = std::max(smallest, preferred_ / 2);
}

bytes read_buffer::take(std::size_t count) {
  const auto taken = view().substr(0, count);
  const auto rest = view().substr(count);
  // A block that is mostly empty would stay alive as long as the last message
  // in it: a copy of the right size costs less.
  const auto sparse = count < capacity_ / 2;
  auto owner = sparse ? copy_of(taken, count) : block_;
  const auto* start = owner.get();
  if (sparse) {
    std::memmove(block_.get(), rest.data(), rest.size());
  } else if (rest.empty()) {
    block_.reset();
    capacity_ = 0;
  } else {
    const auto capacity = std::max(preferred_, rest.size());
    block_ = copy_of(rest, capacity);
    capacity_ = capacity;
  }
  used_ = rest.size();
  return {std::move(owner), {start, count}};
}

void read_buffer::expect(std::size_t size) {
  if (size > capacity_)
    resize(size);
}

void read_buffer::shrink() {
  if (used_ == 0) {
    block_.reset();
    capacity_ = 0;
  } else if (capacity_ > std::max(smallest, 2 * used_)) {
    resize(std::max(smallest, used_));
  }
}

} // namespace tidegate
