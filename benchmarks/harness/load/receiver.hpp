#pragma once

#include "benchmarks/harness/figures/arrivals.hpp"
#include "benchmarks/harness/load/load_figures.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace tidegate::harness {

/// The record of what has reached one place: checks each message by its stamp
/// and measures its age.
class receiver {
public:
  /// Messages of another run, of a sender not below `senders`, or with a
  /// number that `figures` has not published only count as foreign.
  receiver(std::uint32_t run, std::size_t senders, load_figures& figures)
    : figures_(figures), run_(run), from_(senders) {}

  /// False when it has come before.
  bool take(std::string_view payload);
  /// What is taken from here on has come later than what was.
  void end_batch() { batch_time_ = {}; }

  const std::vector<arrivals>& from_senders() const { return from_; }
  std::uint64_t foreign() const { return foreign_; }

private:
  load_figures& figures_;
  std::uint32_t run_;
  std::vector<arrivals> from_;
  std::uint64_t foreign_ = 0;
  std::chrono::nanoseconds batch_time_{};
};

} // namespace tidegate::harness
