#include "benchmarks/harness/load/event_loop.hpp"

#include <csignal>

namespace tidegate::harness {

namespace {

using clock = std::chrono::steady_clock;

/// How often the clock is looked at while nothing happens.
constexpr std::chrono::milliseconds glance{20};

clock::duration ticks(std::chrono::duration<double> span) {
  return std::chrono::duration_cast<clock::duration>(span);
}

} // namespace

event_loop::event_loop() : io_(1), signals_(io_, SIGINT, SIGTERM) {
  std::signal(SIGPIPE, SIG_IGN);
  signals_.async_wait([this](boost::system::error_code stopped, int) {
    interrupted_ = interrupted_ || !stopped;
  });
}

waited event_loop::run_until(const std::function<bool()>& done,
                             const std::function<std::uint64_t()>& progress,
                             std::chrono::duration<double> patience) {
  auto last = progress();
  auto deadline = clock::now() + ticks(patience);
  while (!done()) {
    io_.run_one_for(glance);
    if (interrupted_)
      return waited::interrupted;
    if (const auto now = progress(); now != last) {
      last = now;
      deadline = clock::now() + ticks(patience);
    } else if (clock::now() > deadline) {
      return waited::stuck;
    }
  }
  return waited::done;
}

waited event_loop::run_for(std::chrono::duration<double> span,
                           const std::function<bool()>& done) {
  const auto end = clock::now() + ticks(span);
  while (clock::now() < end && !(done && done())) {
    io_.run_one_until(std::min(end, clock::now() + glance));
    if (interrupted_)
      return waited::interrupted;
  }
  return waited::done;
}

} // namespace tidegate::harness
