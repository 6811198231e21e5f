#pragma once

#include "messages/elapsed_time.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

namespace tidegate {

/// What an event log keeps, besides what the store's quota lets it.
struct log_retention {
  std::uint64_t size = 0;                       ///< bytes; 0: as many as fit
  std::optional<std::chrono::milliseconds> age; ///< nothing: for ever
};

/// Where a log ended at which time of the clock that never steps. Times that
/// are stored with events come from the wall clock, which may have been wrong
/// then: what came after a mark is no older than the mark, whatever it says
/// itself.
class arrival_marks {
public:
  using time = elapsed_time;

  /// What is there `at` the start, before `next`, is as old as it says.
  void begin(std::uint64_t next, time at) { marks_ = {{next, at}}; }

  /// The log ends before `next` at the time `at`. Kept if the last mark is
  /// `apart` or more behind.
  void note(std::uint64_t next, time at, time::duration apart);

  /// Nothing from this offset on came before `then`. Forgets what is not
  /// needed for later times.
  std::uint64_t arrived_by(time then);

private:
  struct mark {
    std::uint64_t next;
    time at;
  };
  std::deque<mark> marks_;
};

/// The time of day as events are judged by it. A clock that is put ahead is
/// believed when it has stayed so for an hour: one that steps for a moment must
/// not end anything. One that is put back is followed at once.
class patient_clock {
public:
  using time = elapsed_time;
  using wall_time = std::chrono::sys_time<std::chrono::milliseconds>;

  /// The wall clock `says` this at the time `at`.
  wall_time look(wall_time says, time at);

private:
  wall_time judged_{};
  std::optional<time> last_;
  std::optional<time> ahead_since_;
};

/// When to say that events are dropped: at once, then now and again, with how
/// many there were.
class drop_notice {
public:
  using time = elapsed_time;

  explicit drop_notice(time::duration apart) : apart_{apart} {}

  /// `count` more were dropped. How many there were since the last notice, if
  /// it is time for one.
  std::optional<std::uint64_t> add(std::uint64_t count, time now);

private:
  time::duration apart_;
  std::optional<time> last_;
  std::uint64_t untold_ = 0;
};

} // namespace tidegate
