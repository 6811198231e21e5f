#pragma once

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/scoped_actor.hpp>

/// An actor system in which nothing runs until told to, and time stands still
/// until moved.
struct deterministic {
  struct config : caf::actor_system_config {
    config() { set("scheduler.policy", caf::atom("testing")); }
  };

  config cfg;
  caf::actor_system sys{cfg};
  caf::scheduler::test_coordinator& sched
    = dynamic_cast<caf::scheduler::test_coordinator&>(sys.scheduler());
  caf::scoped_actor self{sys};

  ~deterministic() {
    sched.trigger_timeouts();
    sched.run();
    sys.await_actors_before_shutdown(false);
  }

  void run() { sched.run(); }

  void pass(caf::timespan d) {
    sched.advance_time(d);
    sched.run();
  }

  /// Requests `message` and returns the answer, or fails the test.
  template <class Answer, class Handle, class Message>
  caf::expected<Answer> ask(const Handle& whom, Message message) {
    auto pending
      = self->request(whom, std::chrono::seconds{5}, std::move(message));
    sched.run();
    caf::expected<Answer> result{caf::sec::request_timeout};
    pending.receive([&](const Answer& answer) { result = answer; },
                    [&](const caf::error& error) { result = error; });
    return result;
  }
};
