#include "messages/routing/arena.hpp"

#include "messages/routing/limits.hpp"

#include <algorithm>

namespace tidegate::routing {

namespace {

constexpr std::size_t first_chunk = 4096;

} // namespace

char* arena::take(std::size_t size) {
  if (chunk_ < chunks_.size() && chunks_[chunk_].size() - used_ >= size) {
    auto* result = chunks_[chunk_].data() + used_;
    used_ += size;
    return result;
  }
  const auto room = std::max({size, total_, first_chunk});
  const auto granted = std::min(room, max_scratch_size - total_);
  if (granted < size)
    return nullptr;
  chunks_.emplace_back(granted);
  chunk_ = chunks_.size() - 1;
  total_ += granted;
  used_ = size;
  return chunks_[chunk_].data();
}

void arena::rewind(mark to) {
  const auto keep = std::max<std::size_t>(to.chunk + 1, 1);
  while (chunks_.size() > keep) {
    total_ -= chunks_.back().size();
    chunks_.pop_back();
  }
  chunk_ = to.chunk;
  used_ = to.used;
}

} // namespace tidegate::routing
