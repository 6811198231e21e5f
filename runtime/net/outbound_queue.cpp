#include "runtime/net/outbound_queue.hpp"

#include <algorithm>
#include <iterator>

namespace tidegate {

namespace {

/// Above this a drained queue does not keep its memory for the next burst.
constexpr std::size_t kept_pieces = 16;

void reset(std::vector<bytes>& pieces) {
  if (pieces.capacity() > kept_pieces)
    pieces = {};
  else
    pieces.clear();
}

} // namespace

std::size_t outbound_queue::push(bytes data) {
  const auto waiting = waiting_ += data.size();
  if (!data.empty()) {
    const std::lock_guard guard{mutex_};
    incoming_.push_back(std::move(data));
  }
  return waiting;
}

std::span<const iovec> outbound_queue::front(std::span<iovec> into) {
  if (outgoing_.size() - sent_ < into.size()) {
    outgoing_.erase(outgoing_.begin(),
                    outgoing_.begin() + static_cast<std::ptrdiff_t>(sent_));
    sent_ = 0;
    const std::lock_guard guard{mutex_};
    if (outgoing_.empty()) {
      outgoing_.swap(incoming_);
    } else {
      std::move(incoming_.begin(), incoming_.end(),
                std::back_inserter(outgoing_));
      reset(incoming_);
    }
  }
  const auto count = std::min(into.size(), outgoing_.size() - sent_);
  for (std::size_t i = 0; i < count; ++i) {
    const auto text = outgoing_[sent_ + i].view;
    into[i] = {const_cast<char*>(text.data()), text.size()};
  }
  return into.first(count);
}

void outbound_queue::pop(std::size_t count) {
  waiting_ -= count;
  while (count > 0) {
    auto& first = outgoing_[sent_];
    if (count < first.size()) {
      first = first.slice(count, first.size() - count);
      return;
    }
    count -= first.size();
    first = {};
    ++sent_;
  }
  if (sent_ == outgoing_.size()) {
    reset(outgoing_);
    sent_ = 0;
  }
}

} // namespace tidegate
