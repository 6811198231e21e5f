#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tidegate::harness {

/// A set of sequence numbers that are nearly dense from 0 on: one bit each.
class sequence_set {
public:
  /// False when `sequence` was there already.
  bool insert(std::uint64_t sequence);
  bool contains(std::uint64_t sequence) const;
  std::uint64_t size() const { return size_; }

  /// How many numbers of this set `other` lacks.
  std::uint64_t missing_from(const sequence_set& other) const;
  /// The lowest of them, at most `most`.
  std::vector<std::uint64_t> first_missing_from(const sequence_set& other,
                                                std::size_t most) const;

private:
  std::vector<std::uint64_t> words_;
  std::uint64_t size_ = 0;
};

} // namespace tidegate::harness
