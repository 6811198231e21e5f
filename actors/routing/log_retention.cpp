#include "actors/routing/log_retention.hpp"

#include <utility>

namespace tidegate {

namespace {

constexpr std::chrono::hours believed_after{1};
/// No step: clocks are set right by so much all the time.
constexpr std::chrono::seconds drift{10};

} // namespace

void arrival_marks::note(std::uint64_t next, time at, time::duration apart) {
  if (!marks_.empty() && at - marks_.back().at >= apart)
    marks_.push_back({next, at});
}

std::uint64_t arrival_marks::arrived_by(time then) {
  while (marks_.size() > 1 && marks_[1].at <= then)
    marks_.pop_front();
  return marks_.empty() ? 0 : marks_.front().next;
}

patient_clock::wall_time patient_clock::look(wall_time says, time at) {
  if (last_)
    judged_ += at - *last_;
  const auto is_ahead = last_ && says > judged_ + drift;
  last_ = at;
  if (is_ahead && !ahead_since_)
    ahead_since_ = at;
  if (is_ahead && at - *ahead_since_ < believed_after)
    return judged_;
  ahead_since_.reset();
  return judged_ = says;
}

std::optional<std::uint64_t> drop_notice::add(std::uint64_t count, time now) {
  untold_ += count;
  if (untold_ == 0 || (last_ && now - *last_ < apart_))
    return std::nullopt;
  last_ = now;
  return std::exchange(untold_, 0);
}

} // namespace tidegate
