#pragma once

#include "actors/supervision/exit_cause.hpp"
#include "messages/restart_when.hpp"

#include <chrono>
#include <deque>
#include <optional>

namespace tidegate {

/// How long to wait before each restart: `unit`, doubled each time, up to
/// `longest`. The defaults are those of modules (edge-agent spec 3.6).
struct backoff {
  std::chrono::milliseconds unit{10'000};
  std::chrono::milliseconds longest{300'000};

  /// The wait before restart number `attempt`, which counts from 0.
  std::chrono::milliseconds delay(unsigned attempt) const;
};

/// When, how fast and how often something is started again.
struct restart_policy {
  restart_when when = restart_when::on_unhealthy;
  backoff wait;
  /// Up for longer than this: the next failure counts as the first again.
  std::chrono::milliseconds stable{600'000};
  /// Give up after this many restarts without a stable time between them.
  /// Nothing: never give up.
  std::optional<unsigned> most_attempts;
  /// Escalate when there would be more restarts than this in `period`.
  /// Nothing: never escalate. 0: escalate the first failure.
  std::optional<unsigned> most_in_period;
  std::chrono::milliseconds period{60'000};
};

/// The policy of a module: restarted for ever unless `most_attempts` is set.
restart_policy module_restart_policy(restart_when when, backoff wait);

/// The policy of an internal actor: restarted after 10 ms, then ever slower,
/// and escalated when it happens more than 5 times a minute.
restart_policy actor_restart_policy(restart_when when = restart_when::always);

/// What is remembered between restarts, on a clock that never jumps.
struct restart_history {
  using time = std::chrono::steady_clock::time_point;

  /// Restarts since the last stable time.
  unsigned attempts = 0;
  /// All restarts ever.
  unsigned restarts = 0;
  /// When it came up last; nothing when it never did.
  std::optional<time> up_since;
  /// The restarts of the running period, oldest first.
  std::deque<time> recent;
};

/// What to do about something that ended.
struct restart_decision {
  enum class action { restart, leave, give_up, escalate };

  action what = action::leave;
  /// For `restart`: how long after the end.
  std::chrono::milliseconds after{0};

  bool operator==(const restart_decision&) const = default;
};

/// Decides. `leave` means the policy does not cover this cause, `give_up`
/// that the attempts are used up, `escalate` that the parent must decide.
/// Serves actors and modules alike (design, section 3).
restart_decision decide(const restart_policy& policy, const exit_cause& cause,
                        const restart_history& history,
                        restart_history::time now);

/// `decide`, when the end was `elapsed` ago: what is left to wait. Nothing is
/// left when the clock that measured it ran backwards.
restart_decision decide_later(const restart_policy& policy,
                              const exit_cause& cause,
                              const restart_history& history,
                              std::chrono::milliseconds elapsed,
                              restart_history::time now);

/// True for something that has been up so long that its next failure counts
/// as the first again.
bool is_stable(const restart_policy& policy, std::chrono::nanoseconds up);

/// `history` after `decide` said `restart`: counts it, and forgets attempts
/// that a stable time has made old.
restart_history counted(const restart_policy& policy, restart_history history,
                        restart_history::time now);

/// True when `policy` starts something again that ended like `kind`.
bool covers(restart_when policy, exit_kind kind);

/// What is left of a `delay` that began `elapsed` ago; zero when it is over,
/// or when the clock that measured it ran backwards.
std::chrono::milliseconds remaining(std::chrono::milliseconds delay,
                                    std::chrono::milliseconds elapsed);

} // namespace tidegate
