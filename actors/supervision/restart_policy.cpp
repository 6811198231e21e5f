#include "actors/supervision/restart_policy.hpp"

#include <algorithm>

namespace tidegate {

namespace {

using namespace std::chrono_literals;

bool was_stable(const restart_policy& policy, const restart_history& history,
                restart_history::time now) {
  return history.up_since && is_stable(policy, now - *history.up_since);
}

} // namespace

std::chrono::milliseconds backoff::delay(unsigned attempt) const {
  // A million times the unit is past every sensible limit, and cannot overflow.
  const auto doubled = unit.count() << std::min(attempt, 20u);
  return std::min(std::chrono::milliseconds{doubled}, longest);
}

restart_policy module_restart_policy(restart_when when, backoff wait) {
  restart_policy policy;
  policy.when = when;
  policy.wait = wait;
  return policy;
}

restart_policy actor_restart_policy(restart_when when) {
  restart_policy policy;
  policy.when = when;
  policy.wait = {10ms, 10s};
  policy.stable = 60s;
  policy.most_in_period = 5;
  policy.period = 60s;
  return policy;
}

bool covers(restart_when policy, exit_kind kind) {
  // Who was told to stop was told by someone who knows what comes next.
  if (policy == restart_when::never || kind == exit_kind::stopped)
    return false;
  if (kind == exit_kind::finished)
    return policy == restart_when::always;
  if (kind == exit_kind::unhealthy)
    return policy != restart_when::on_failure;
  return true;
}

restart_decision decide(const restart_policy& policy, const exit_cause& cause,
                        const restart_history& history,
                        restart_history::time now) {
  using action = restart_decision::action;
  if (!covers(policy.when, cause.kind))
    return {action::leave, 0ms};
  const auto attempts = was_stable(policy, history, now) ? 0 : history.attempts;
  if (policy.most_attempts && attempts >= *policy.most_attempts)
    return {action::give_up, 0ms};
  if (policy.most_in_period) {
    const auto recent
      = std::count_if(history.recent.begin(), history.recent.end(),
                      [&](auto at) { return now - at < policy.period; });
    if (recent >= static_cast<std::ptrdiff_t>(*policy.most_in_period))
      return {action::escalate, 0ms};
  }
  return {action::restart, policy.wait.delay(attempts)};
}

restart_decision decide_later(const restart_policy& policy,
                              const exit_cause& cause,
                              const restart_history& history,
                              std::chrono::milliseconds elapsed,
                              restart_history::time now) {
  auto decision = decide(policy, cause, history, now);
  decision.after = remaining(decision.after, elapsed);
  return decision;
}

bool is_stable(const restart_policy& policy, std::chrono::nanoseconds up) {
  return up > policy.stable;
}

restart_history counted(const restart_policy& policy, restart_history history,
                        restart_history::time now) {
  history.attempts
    = was_stable(policy, history, now) ? 1 : history.attempts + 1;
  ++history.restarts;
  history.up_since.reset();
  while (!history.recent.empty()
         && now - history.recent.front() >= policy.period)
    history.recent.pop_front();
  if (policy.most_in_period)
    history.recent.push_back(now);
  return history;
}

std::chrono::milliseconds remaining(std::chrono::milliseconds delay,
                                    std::chrono::milliseconds elapsed) {
  if (elapsed <= 0ms || elapsed > delay)
    return 0ms;
  // The wait is over only once more than `delay` has passed.
  return delay - elapsed + 1ms;
}

} // namespace tidegate
