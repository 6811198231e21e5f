#include "actors/routing/lane_window.hpp"

namespace tidegate {

lane_window::lane_window(const lane_status& lane)
  : id_{lane.id}, key_{lane.key}, cursor_{lane.cursor}, sent_{lane.cursor},
    loaded_{lane.cursor}, end_{lane.next} {}

void lane_window::append(const stored_block& block) {
  bytes_ += block.data->encoded().size();
  loaded_ = block.end();
  blocks_.push_back({block});
}

void lane_window::let_go() {
  memory_ = 0;
  looking_ = false;
  reading_.reset();
  blocks_.clear();
  bytes_ = 0;
  loaded_ = cursor_;
}

void lane_window::stored(const std::vector<stored_block>& blocks) {
  for (const auto& block : blocks) {
    if (block.first == end_ && loaded_ == end_ && bytes_ < memory_)
      append(block);
    end_ = std::max(end_, block.end());
  }
}

std::optional<std::uint64_t> lane_window::wants_read() const {
  if (reading_ || loaded_ == end_)
    return std::nullopt;
  const auto low
    = memory_ > 0
      && (bytes_ < memory_ / 2 || (sent_ >= loaded_ && bytes_ < most_));
  if (!low && !looking_)
    return std::nullopt;
  return loaded_;
}

/// Only reached when the store lost what it had promised; it has counted and
/// kept aside what was damaged.
void lane_window::pass_gap(std::uint64_t to) {
  // What is in memory and was not given keeps its place before the gap.
  while (sent_ < loaded_) {
    states_.push_back(state::retry);
    set_retry(sent_++);
  }
  for (; loaded_ < to; ++loaded_) {
    if (loaded_ == sent_) {
      states_.push_back(state::rejected);
      ++sent_;
    } else if (auto& known = states_[loaded_ - cursor_];
               known == state::retry) {
      known = state::rejected;
      --retries_;
    }
  }
}

void lane_window::loaded(std::uint64_t from,
                         const std::vector<stored_block>& blocks) {
  if (reading_ != from)
    return;
  reading_.reset();
  for (const auto& block : blocks) {
    if (block.end() <= loaded_)
      continue;
    if (block.first > loaded_)
      pass_gap(block.first);
    append(block);
  }
  if (blocks.empty() && loaded_ < end_)
    pass_gap(end_);
  end_ = std::max(end_, loaded_);
}

std::size_t lane_window::index_of(std::uint64_t offset) const {
  const auto after
    = std::upper_bound(blocks_.begin(), blocks_.end(), offset,
                       [](std::uint64_t wanted, const held_block& held) {
                         return wanted < held.block.first;
                       });
  return static_cast<std::size_t>(after - blocks_.begin()) - 1;
}

elapsed_time lane_window::expiry_of(std::uint64_t offset) const {
  const auto& block = blocks_[index_of(offset)].block;
  return block.data->expires(static_cast<std::uint32_t>(offset - block.first));
}

void lane_window::set_retry(std::uint64_t offset) {
  first_retry_ = retries_ == 0 ? offset : std::min(first_retry_, offset);
  ++retries_;
}

void lane_window::take_retries(std::uint32_t& credit, elapsed_time now,
                               moment at, std::vector<delivery>& items) {
  auto offset = std::max(first_retry_, cursor_);
  const auto stop = std::min(sent_, loaded_);
  for (; offset < stop && retries_ > 0 && credit > 0; ++offset) {
    auto& entry = states_[offset - cursor_];
    if (entry != state::retry)
      continue;
    auto& [block, given] = blocks_[index_of(offset)];
    const auto index = static_cast<std::uint32_t>(offset - block.first);
    --retries_;
    if (block.data->expires(index) <= now) {
      entry = state::expired;
      continue;
    }
    entry = state::sent;
    given = at;
    --credit;
    if (!items.empty() && items.back().lane == id_
        && items.back().block.first == block.first && items.back().to == index)
      ++items.back().to;
    else
      items.push_back({id_, block, index, index + 1});
  }
  first_retry_ = offset;
}

void lane_window::take_new(std::uint32_t& credit, elapsed_time now, moment at,
                           std::vector<delivery>& items) {
  if (sent_ >= loaded_)
    return;
  for (auto i = index_of(sent_); credit > 0 && i < blocks_.size(); ++i) {
    auto& [block, given] = blocks_[i];
    const auto& data = *block.data;
    auto from = static_cast<std::uint32_t>(sent_ - block.first);
    while (credit > 0 && from < data.size()) {
      if (data.can_expire() && data.expires(from) <= now) {
        states_.push_back(state::expired);
        ++sent_;
        ++from;
        continue;
      }
      auto to = from + std::min(data.size() - from, credit);
      if (data.can_expire())
        for (auto next = from + 1; next < to; ++next)
          if (data.expires(next) <= now)
            to = next;
      items.push_back({id_, block, from, to});
      given = at;
      states_.insert(states_.end(), to - from, state::sent);
      sent_ += to - from;
      credit -= to - from;
      from = to;
    }
  }
}

std::uint32_t lane_window::take(std::uint32_t credit, elapsed_time now,
                                moment at, std::vector<delivery>& items) {
  auto left = credit;
  if (retries_ > 0)
    take_retries(left, now, at, items);
  const auto unsettled = sent_ - cursor_;
  if (retries_ == 0 && unsettled < most_unsettled) {
    const auto kept_back = left;
    left = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(left, most_unsettled - unsettled));
    const auto not_allowed = kept_back - left;
    take_new(left, now, at, items);
    left += not_allowed;
  }
  return credit - left;
}

std::uint64_t lane_window::next_offset() const {
  if (retries_ == 0)
    return sent_;
  auto offset = std::max(first_retry_, cursor_);
  while (states_[offset - cursor_] != state::retry)
    ++offset;
  return offset;
}

std::optional<lane_window::next_run> lane_window::next() const {
  const auto offset = next_offset();
  if (offset >= loaded_)
    return std::nullopt;
  const auto& block = blocks_[index_of(offset)].block;
  return next_run{block.data->enqueued(),
                  static_cast<std::uint32_t>(block.end() - offset)};
}

/// False when one lives.
bool lane_window::expire_retries(elapsed_time now) {
  const auto stop = std::min(sent_, loaded_);
  for (auto offset = std::max(first_retry_, cursor_);
       offset < stop && retries_ > 0; ++offset) {
    auto& entry = states_[offset - cursor_];
    if (entry != state::retry)
      continue;
    if (const auto expires = expiry_of(offset); expires > now) {
      head_ = {offset, expires};
      return false;
    }
    entry = state::expired;
    --retries_;
    first_retry_ = offset + 1;
  }
  return true;
}

bool lane_window::expire_new(elapsed_time now) {
  while (sent_ < loaded_) {
    if (const auto expires = expiry_of(sent_); expires > now) {
      head_ = {sent_, expires};
      return false;
    }
    states_.push_back(state::expired);
    ++sent_;
  }
  return true;
}

void lane_window::expire(elapsed_time now) {
  const bool all_expired
    = expire_retries(now) && (retries_ > 0 || expire_new(now));
  if (!all_expired || !unsent())
    looking_ = false;
}

bool lane_window::must_look(elapsed_time now) const {
  const auto first = next_offset();
  if (!unsent() || first < loaded_)
    return false;
  return !head_ || head_->offset != first || head_->expires <= now;
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
      set_retry(offset);
      break;
    }
  }
  return outstanding;
}

void lane_window::target_lost() {
  for (std::size_t i = 0; i < states_.size(); ++i) {
    if (states_[i] != state::sent)
      continue;
    states_[i] = state::retry;
    set_retry(cursor_ + i);
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
  loaded_ = std::max(loaded_, cursor_);
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
  while (!blocks_.empty() && blocks_.front().block.end() <= cursor_) {
    bytes_ -= blocks_.front().block.data->encoded().size();
    blocks_.pop_front();
  }
}

} // namespace tidegate
