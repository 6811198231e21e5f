#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tidegate::harness {

/// Duplicates in a log, by the fault that they follow.
class duplicate_count {
public:
  /// Faults happened when the log had so many messages; they ascend.
  explicit duplicate_count(std::vector<std::uint64_t> faults)
    : faults_(std::move(faults)), after_(faults_.size() + 1) {}

  /// The message at `position` of the log had come before.
  void add(std::uint64_t position);

  std::uint64_t all() const { return all_; }
  /// The most that followed one fault and came before the next.
  std::uint64_t most() const;

private:
  std::vector<std::uint64_t> faults_;
  std::vector<std::uint64_t> after_; ///< the first: before any fault
  std::uint64_t all_ = 0;
};

/// How many duplicates one fault may lead to: what is under way to the parent
/// and to modules, what senders send again, and what was delivered in the
/// 100 ms in which that may not be on disk yet.
std::uint64_t duplicate_bound(double rate, std::size_t publishers,
                              std::size_t window, std::size_t modules);

} // namespace tidegate::harness
