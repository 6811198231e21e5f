#include "benchmarks/harness/chaos/crowd.hpp"

#include <cstdio>

namespace tidegate::harness {

namespace {

/// What a drain may take besides, for the machine may be busy.
constexpr std::chrono::duration<double> slack{0.5};
/// How much longer per message is still no growth.
constexpr double most_growth = 2.5;

std::string describe(const crowd_drain& one) {
  char text[160];
  std::snprintf(text, sizeof text,
                "a backlog of %zu senders, %llu messages, took %.3f s to drain",
                one.senders, static_cast<unsigned long long>(one.messages),
                one.took.count());
  return text;
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

} // namespace

std::vector<std::string> judge_drains(std::span<const crowd_drain> drains,
                                      double floor) {
  std::vector<std::string> faults;
  for (const auto& one : drains) {
    const auto messages = static_cast<double>(one.messages);
    if (floor > 0 && (one.took - slack).count() * floor > messages)
      faults.push_back(describe(one) + ": less than " + number(floor) + "/s");
  }
  if (drains.size() < 2)
    return faults;
  const auto& first = drains.front();
  const auto& last = drains.back();
  if (last.took.count()
      > most_growth * first.per_message() * static_cast<double>(last.messages)
          + slack.count())
    faults.push_back(describe(last) + ", "
                     + number(last.per_message() / first.per_message())
                     + " times as long per message as one of "
                     + std::to_string(first.senders) + " senders");
  return faults;
}

} // namespace tidegate::harness
