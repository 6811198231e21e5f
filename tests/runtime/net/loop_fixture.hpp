#pragma once

#include "runtime/net/io_loop.hpp"
#include "support/deterministic.hpp"

#include <chrono>

/// A loop and an actor system, both run by the test itself.
struct loop_fixture : deterministic {
  tidegate::io_loop loop;

  /// Runs both until `done()`; false when that takes too long.
  template <class Condition>
  bool until(Condition done) {
    const auto deadline
      = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!done()) {
      if (std::chrono::steady_clock::now() > deadline)
        return false;
      loop.context().restart();
      loop.context().run_one_for(std::chrono::milliseconds{1});
      sched.run();
    }
    return true;
  }

  /// Runs both until neither has anything left to do right now.
  void settle() {
    loop.context().restart();
    for (;;) {
      const auto ran = loop.context().poll();
      if (ran + sched.run() == 0)
        return;
    }
  }
};
