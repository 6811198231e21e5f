#include "actors/routing/delivery_window.hpp"

#include <algorithm>

namespace tidegate {

std::uint32_t delivery_window(std::size_t average_size, std::uint32_t most,
                              std::size_t most_bytes, std::uint32_t least) {
  const auto fitting = most_bytes / std::max<std::size_t>(average_size, 1);
  const auto window
    = static_cast<std::uint32_t>(std::min<std::size_t>(fitting, most));
  return std::max(window, std::min(least, most));
}

void window_follower::saw(const deliver& what) {
  std::size_t bytes = 0;
  std::size_t messages = 0;
  for (const auto& item : what.items) {
    bytes += item.block.data->encoded().size();
    messages += item.block.data->size();
  }
  if (messages == 0)
    return;
  const auto average = bytes / messages;
  average_size_
    = average_size_ == 0 ? average : (3 * average_size_ + average) / 4;
}

std::optional<std::uint32_t> window_follower::news() {
  const auto window = this->window();
  if (window < 2 * announced_ && 2 * window > announced_)
    return std::nullopt;
  announced_ = window;
  return window;
}

} // namespace tidegate
