#include "benchmarks/harness/figures/verdict.hpp"

#include <algorithm>

namespace tidegate::harness {

namespace {

/// Numbers that are looked for, and ranges that are shown, at most.
constexpr std::size_t most_numbers = 10'000;
constexpr std::size_t most_ranges = 8;

/// `12-15, 20`; `numbers` ascend.
std::string ranges(const std::vector<std::uint64_t>& numbers) {
  std::string text;
  std::size_t shown = 0;
  for (std::size_t i = 0; i < numbers.size(); ++shown) {
    if (shown == most_ranges)
      return text + ", ...";
    const auto first = numbers[i];
    auto last = first;
    for (++i; i < numbers.size() && numbers[i] == last + 1; ++i)
      last = numbers[i];
    text += (text.empty() ? "" : ", ") + std::to_string(first);
    if (last > first)
      text += "-" + std::to_string(last);
  }
  return text;
}

} // namespace

void load_verdict::add(const sequence_set& acknowledged, const arrivals& from) {
  lost += acknowledged.missing_from(from.seen());
  duplicates += from.duplicates();
  out_of_order += from.out_of_order();
}

std::vector<std::string> load_verdict::faults() const {
  std::vector<std::string> all;
  if (lost > 0)
    all.push_back(std::to_string(lost)
                  + " acknowledged messages were never delivered");
  if (out_of_order > 0)
    all.push_back(std::to_string(out_of_order) + " messages came out of order");
  return all;
}

std::string lost_and_late(const std::string& sender,
                          const sequence_set& acknowledged,
                          const arrivals& from) {
  std::string text;
  const auto lost = acknowledged.first_missing_from(from.seen(), most_numbers);
  if (!lost.empty())
    text += " lost " + ranges(lost);
  if (auto late = from.late(); !late.empty()) {
    std::sort(late.begin(), late.end());
    text += (text.empty() ? " late " : "; late ") + ranges(late);
  }
  return text.empty() ? text : sender + ":" + text;
}

} // namespace tidegate::harness
