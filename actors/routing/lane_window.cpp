#include "actors/routing/lane_window.hpp"

#include <algorithm>

namespace tidegate {

lane_window::lane_window(const lane_status& lane, std::size_t memory)
  : id_{lane.id}, priority_{lane.key.priority}, memory_{memory},
    cursor_{lane.cursor}, sent_{lane.cursor}, loaded_{lane.cursor},
    end_{lane.next} {}

void lane_window::append(const stored_block& block) {
  bytes_ += block.data->encoded().size();
  loaded_ = block.end();
  blocks_.push_back(block);
}

void lane_window::stored(const std::vector<stored_block>& blocks) {
  for (const auto& block : blocks) {
    if (block.first == end_ && loaded_ == end_ && bytes_ < memory_)
      append(block);
    end_ = std::max(end_, block.end());
  }
}

std::optional<std::uint64_t> lane_window::wants_read() const {
  const auto low = bytes_ < memory_ / 2 || !unsent_in_memory();
  if (reading_ || loaded_ == end_ || !low)
    return std::nullopt;
  return loaded_;
}

void lane_window::loaded(const std::vector<stored_block>& blocks) {
  reading_ = false;
  const auto mark_gap = [this](std::uint64_t to) {
    // Only reached when the store lost what it had promised; it has counted
    // and kept aside what was damaged.
    while (sent_ < loaded_) {
      states_.push_back(state::retry);
      ++retries_;
      ++sent_;
    }
    for (; loaded_ < to; ++loaded_, ++sent_)
      states_.push_back(state::rejected);
  };
  for (const auto& block : blocks) {
    if (block.end() <= loaded_)
      continue;
    if (block.first > loaded_)
      mark_gap(block.first);
    append(block);
  }
  if (blocks.empty() && loaded_ < end_)
    mark_gap(end_);
  end_ = std::max(end_, loaded_);
}

std::deque<stored_block>::const_iterator
lane_window::block_of(std::uint64_t offset) const {
  const auto after
    = std::upper_bound(blocks_.begin(), blocks_.end(), offset,
                       [](std::uint64_t wanted, const stored_block& block) {
                         return wanted < block.first;
                       });
  return std::prev(after);
}

void lane_window::take_retries(std::uint32_t& credit, wall_time now,
                               std::vector<delivery>& items) {
  for (std::size_t i = 0; i < states_.size() && retries_ > 0 && credit > 0;
       ++i) {
    if (states_[i] != state::retry)
      continue;
    const auto block = block_of(cursor_ + i);
    const auto index = static_cast<std::uint32_t>(cursor_ + i - block->first);
    --retries_;
    if (block->data->expires(index) <= now) {
      states_[i] = state::expired;
      continue;
    }
    states_[i] = state::sent;
    --credit;
    if (!items.empty() && items.back().lane == id_
        && items.back().block.first == block->first && items.back().to == index)
      ++items.back().to;
    else
      items.push_back({id_, *block, index, index + 1});
  }
}

void lane_window::take_new(std::uint32_t& credit, wall_time now,
                           std::vector<delivery>& items) {
  while (credit > 0 && unsent_in_memory()) {
    const auto block = block_of(sent_);
    const auto from = static_cast<std::uint32_t>(sent_ - block->first);
    if (block->data->can_expire() && block->data->expires(from) <= now) {
      states_.push_back(state::expired);
      ++sent_;
      continue;
    }
    auto to = std::min(block->data->size(), from + credit);
    if (block->data->can_expire()) {
      for (auto i = from + 1; i < to; ++i)
        if (block->data->expires(i) <= now)
          to = i;
    }
    items.push_back({id_, *block, from, to});
    states_.insert(states_.end(), to - from, state::sent);
    sent_ += to - from;
    credit -= to - from;
  }
}

std::uint32_t lane_window::take(std::uint32_t credit, wall_time now,
                                std::vector<delivery>& items) {
  auto left = credit;
  take_retries(left, now, items);
  if (retries_ == 0)
    take_new(left, now, items);
  return credit - left;
}

void lane_window::expire(wall_time now) {
  while (unsent_in_memory()) {
    const auto block = block_of(sent_);
    const auto index = static_cast<std::uint32_t>(sent_ - block->first);
    if (block->data->expires(index) > now)
      break;
    states_.push_back(state::expired);
    ++sent_;
  }
  for (std::size_t i = 0; i < states_.size() && retries_ > 0; ++i) {
    if (states_[i] != state::retry)
      continue;
    const auto block = block_of(cursor_ + i);
    const auto index = static_cast<std::uint32_t>(cursor_ + i - block->first);
    if (block->data->expires(index) <= now) {
      states_[i] = state::expired;
      --retries_;
    }
  }
}

std::uint32_t lane_window::answered(const delivered_range& range) {
  std::uint32_t outstanding = 0;
  const auto from = std::max(range.first, cursor_);
  const auto to = std::min(range.first + range.count, sent_);
  for (auto offset = from; offset < to; ++offset) {
    auto& entry = states_[offset - cursor_];
    if (entry != state::sent)
      continue;
    ++outstanding;
    switch (range.result) {
    case delivery_result::done:
      entry = state::done;
      break;
    case delivery_result::poison:
      entry = state::rejected;
      break;
    case delivery_result::retry:
      entry = state::retry;
      ++retries_;
      break;
    }
  }
  return outstanding;
}

void lane_window::target_lost() {
  for (auto& entry : states_) {
    if (entry == state::sent) {
      entry = state::retry;
      ++retries_;
    }
  }
}

std::vector<settled_run> lane_window::advance(std::uint64_t& first) {
  first = cursor_;
  std::vector<settled_run> runs;
  while (!states_.empty() && states_.front() != state::sent
         && states_.front() != state::retry) {
    const auto how = states_.front() == state::done      ? outcome::delivered
                     : states_.front() == state::expired ? outcome::expired
                                                         : outcome::rejected;
    if (!runs.empty() && runs.back().how == how)
      ++runs.back().count;
    else
      runs.push_back({1, how});
    states_.pop_front();
    ++cursor_;
  }
  return runs;
}

std::uint32_t lane_window::evicted(std::uint64_t cursor) {
  std::uint32_t outstanding = 0;
  while (cursor_ < cursor) {
    ++cursor_;
    if (states_.empty())
      continue;
    if (states_.front() == state::sent)
      ++outstanding;
    if (states_.front() == state::retry)
      --retries_;
    states_.pop_front();
  }
  sent_ = std::max(sent_, cursor_);
  loaded_ = std::max(loaded_, cursor_);
  end_ = std::max(end_, cursor_);
  forget_done();
  return outstanding;
}

void lane_window::forget_done() {
  while (!blocks_.empty() && blocks_.front().end() <= cursor_) {
    bytes_ -= blocks_.front().data->encoded().size();
    blocks_.pop_front();
  }
}

} // namespace tidegate
