#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace tidegate::harness {

/// How a backlog of so many senders drained.
struct crowd_drain {
  std::size_t senders = 0;
  std::uint64_t messages = 0;
  std::chrono::duration<double> took{};

  double per_message() const {
    return messages == 0 ? 0 : took.count() / static_cast<double>(messages);
  }
};

/// What is wrong with drains of ever more senders, a sentence each: one below
/// `floor` messages/s, or one of the last that takes much longer per message
/// than the first did: draining is to grow with the messages, not with who
/// sent them.
std::vector<std::string> judge_drains(std::span<const crowd_drain> drains,
                                      double floor);

} // namespace tidegate::harness
