#include "actors/supervision/restart_policy.hpp"
#include "support/vectors.hpp"

#include <caf/exit_reason.hpp>
#include <catch2/catch.hpp>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

using action = restart_decision::action;

const restart_history::time noon{std::chrono::hours{12}};

restart_policy module_policy(restart_when when) {
  return module_restart_policy(when, backoff{});
}

restart_history after_attempts(unsigned attempts) {
  restart_history history;
  history.attempts = attempts;
  history.up_since = noon - 1s;
  return history;
}

action decided(restart_when when, exit_kind kind) {
  return decide(module_policy(when), {kind, 1, ""}, after_attempts(0), noon)
    .what;
}

/// How a module ended that is seen like this.
exit_kind kind_of(const std::string& runtime) {
  return runtime == "stopped"     ? exit_kind::finished
         : runtime == "unhealthy" ? exit_kind::unhealthy
                                  : exit_kind::failed;
}

/// The status that a decision about something seen as `runtime` leads to.
std::string status_of(action what, const std::string& runtime) {
  return what == action::restart   ? "backoff"
         : what == action::give_up ? "failed"
                                   : runtime;
}

/// By the documented contract `on-failure` is about crashes alone; else it
/// would say the same as `on-unhealthy`. The vectors have it otherwise.
bool is_contradicted(const std::string& runtime, restart_when when) {
  return runtime == "unhealthy" && when == restart_when::on_failure;
}

} // namespace

TEST_CASE("decisions and delays are those of the vectors", "[supervision]") {
  const auto vectors = read_vectors("agent-restart-policy.json");
  for (const auto& item : vectors.at("cases").as_array()) {
    const auto& entry = item.as_object();
    INFO(text_or_empty(entry, "id"));
    const auto op = text_or_empty(entry, "op");
    const auto runtime = text_or_empty(entry, "runtime");
    const auto attempts = entry.at("restartCount").to_number<unsigned>();
    const auto seconds_in = [&](const char* name) {
      return std::chrono::seconds{entry.at(name).to_number<int>()};
    };
    if (op == "computeStatus") {
      const auto when = *parse_restart_when(text_or_empty(entry, "policy"));
      // The other states are not those of something that has ended.
      if ((runtime != "stopped" && runtime != "failed"
           && runtime != "unhealthy")
          || is_contradicted(runtime, when))
        continue;
      auto policy = module_policy(when);
      policy.most_attempts = entry.at("maxRestartCount").to_number<unsigned>();
      const auto decision = decide(policy, {kind_of(runtime), 1, ""},
                                   after_attempts(attempts), noon);
      CHECK(status_of(decision.what, runtime)
            == text_or_empty(entry, "expect"));
    } else if (op == "coolOff") {
      const backoff wait{seconds_in("unitSeconds"), 300s};
      CHECK(wait.delay(attempts) == seconds_in("expect"));
    } else if (op == "shouldRestart" && runtime == "backoff") {
      const backoff wait{seconds_in("unitSeconds"), 300s};
      const auto left = remaining(wait.delay(attempts),
                                  seconds_in("elapsedSinceExitSeconds"));
      CHECK((left == 0ms) == entry.at("expect").as_bool());
    }
  }
}

TEST_CASE("each policy restarts what it covers and leaves the rest",
          "[supervision]") {
  using w = restart_when;
  using k = exit_kind;
  for (const auto crash :
       {k::failed, k::killed, k::out_of_memory, k::spawn_failed, k::unknown}) {
    CHECK(decided(w::never, crash) == action::leave);
    CHECK(decided(w::on_failure, crash) == action::restart);
    CHECK(decided(w::on_unhealthy, crash) == action::restart);
    CHECK(decided(w::always, crash) == action::restart);
  }
  SECTION("a clean exit is restarted under always only") {
    CHECK(decided(w::never, k::finished) == action::leave);
    CHECK(decided(w::on_failure, k::finished) == action::leave);
    CHECK(decided(w::on_unhealthy, k::finished) == action::leave);
    CHECK(decided(w::always, k::finished) == action::restart);
  }
  SECTION("a failed health probe does not count as a crash") {
    CHECK(decided(w::never, k::unhealthy) == action::leave);
    CHECK(decided(w::on_failure, k::unhealthy) == action::leave);
    CHECK(decided(w::on_unhealthy, k::unhealthy) == action::restart);
    CHECK(decided(w::always, k::unhealthy) == action::restart);
  }
  SECTION("what was asked to stop stays down") {
    CHECK(decided(w::always, k::stopped) == action::leave);
  }
}

TEST_CASE("a module comes back later each time, and is never given up",
          "[supervision]") {
  const auto policy = module_policy(restart_when::on_failure);
  const exit_cause crash{exit_kind::failed, 1, ""};
  const auto after = [&](unsigned attempts) {
    return decide(policy, crash, after_attempts(attempts), noon);
  };
  CHECK(after(0) == restart_decision{action::restart, 10s});
  CHECK(after(1) == restart_decision{action::restart, 20s});
  CHECK(after(4) == restart_decision{action::restart, 160s});
  CHECK(after(5) == restart_decision{action::restart, 300s});
  CHECK(after(20) == restart_decision{action::restart, 300s});
  CHECK(after(4'000'000'000) == restart_decision{action::restart, 300s});
}

TEST_CASE("a configured maximum ends the restarts of a module",
          "[supervision]") {
  auto policy = module_policy(restart_when::always);
  policy.most_attempts = 20;
  const exit_cause crash{exit_kind::failed, 1, ""};
  CHECK(decide(policy, crash, after_attempts(19), noon).what
        == action::restart);
  CHECK(decide(policy, crash, after_attempts(20), noon).what
        == action::give_up);
}

TEST_CASE("a stable time makes earlier attempts old", "[supervision]") {
  const auto policy = module_policy(restart_when::on_failure);
  const exit_cause crash{exit_kind::failed, 1, ""};
  auto history = after_attempts(5);
  history.up_since = noon - 10min;
  CHECK(decide(policy, crash, history, noon).after == 300s);
  history.up_since = noon - 10min - 1s;
  CHECK(decide(policy, crash, history, noon).after == 10s);
  const auto next = counted(policy, history, noon);
  CHECK(next.attempts == 1);
  CHECK(next.restarts == 1);
}

TEST_CASE("too many restarts of an actor in a period escalate",
          "[supervision]") {
  const auto policy = actor_restart_policy();
  const exit_cause crash{exit_kind::failed, 0, ""};
  restart_history history;
  auto now = noon;
  for (unsigned i = 0; i < 5; ++i, now += 10s) {
    CHECK(decide(policy, crash, history, now).what == action::restart);
    history = counted(policy, history, now);
  }
  CHECK(decide(policy, crash, history, now).what == action::escalate);
  SECTION("until the period has moved on") {
    CHECK(decide(policy, crash, history, now + 10s).what == action::restart);
  }
}

TEST_CASE("the end of an actor is told from its reason", "[supervision]") {
  CHECK(classify(caf::error{}).kind == exit_kind::finished);
  CHECK(classify(caf::exit_reason::user_shutdown).kind == exit_kind::stopped);
  CHECK(classify(caf::exit_reason::kill).kind == exit_kind::killed);
  CHECK(classify(caf::exit_reason::unhandled_exception).kind
        == exit_kind::failed);
}

TEST_CASE("a cause reads like a sentence", "[supervision]") {
  CHECK(to_string(exit_cause{exit_kind::failed, 3, "disk full"})
        == "exit code 3: disk full");
  CHECK(to_string(exit_cause{exit_kind::killed, 9, ""})
        == "killed by signal 9");
}
