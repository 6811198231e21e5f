#include "benchmarks/harness/figures/sequence_set.hpp"

#include <bit>

namespace tidegate::harness {

namespace {

constexpr std::uint64_t bit(std::uint64_t sequence) {
  return std::uint64_t{1} << (sequence % 64);
}

} // namespace

bool sequence_set::insert(std::uint64_t sequence) {
  const auto word = sequence / 64;
  if (word >= words_.size())
    words_.resize(word + 1);
  if (words_[word] & bit(sequence))
    return false;
  words_[word] |= bit(sequence);
  ++size_;
  return true;
}

bool sequence_set::contains(std::uint64_t sequence) const {
  const auto word = sequence / 64;
  return word < words_.size() && (words_[word] & bit(sequence)) != 0;
}

std::uint64_t sequence_set::missing_from(const sequence_set& other) const {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < words_.size(); ++i) {
    const auto theirs = i < other.words_.size() ? other.words_[i] : 0;
    count += static_cast<std::uint64_t>(std::popcount(words_[i] & ~theirs));
  }
  return count;
}

std::vector<std::uint64_t>
sequence_set::first_missing_from(const sequence_set& other,
                                 std::size_t most) const {
  std::vector<std::uint64_t> found;
  for (std::size_t i = 0; i < words_.size() && found.size() < most; ++i) {
    auto lacking = words_[i] & ~(i < other.words_.size() ? other.words_[i] : 0);
    for (; lacking != 0 && found.size() < most; lacking &= lacking - 1)
      found.push_back(i * 64
                      + static_cast<std::uint64_t>(std::countr_zero(lacking)));
  }
  return found;
}

} // namespace tidegate::harness
