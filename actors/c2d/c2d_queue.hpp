#pragma once

#include "storage/c2d_record.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tidegate {

struct c2d_limits {
  std::size_t messages = 50;            ///< that wait for one device
  std::size_t message_size = 64 * 1024; ///< bytes, properties included
  std::size_t in_flight = 10;           ///< on their way to one device
  std::uint32_t deliveries = 10;        ///< attempts, then it is dead
  std::chrono::seconds lock{60};        ///< how long an attempt may take
};

/// A moment on both clocks: locks are counted on the steady one, while
/// messages expire by the time of day.
struct c2d_moment {
  std::chrono::steady_clock::time_point steady;
  wall_time wall;
};

/// The messages that wait for one device, in order, and which of them are on
/// their way (locked under a token). Decides; stores and sends nothing. A
/// message on its way does not expire before that attempt ends.
class c2d_queue {
public:
  struct ended {
    c2d_record message;
    c2d_fate fate;
  };
  /// What has become of messages, for the store: those that are over, and
  /// those whose delivery count has grown.
  struct changes {
    std::vector<ended> over;
    std::vector<c2d_record> again;
  };
  struct entry {
    c2d_record message;
    std::string token; ///< empty: it is not on its way
    std::chrono::steady_clock::time_point locked_until{};
  };

  explicit c2d_queue(const c2d_limits& limits) : limits_{limits} {}

  bool full() const { return entries_.size() >= limits_.messages; }
  bool empty() const { return entries_.empty(); }

  /// Adds a message behind all others, or back in its place.
  void add(c2d_record message);

  /// Locks the first message that can go out, under `token`; nothing when
  /// there is none, or enough are on their way. What has expired is passed
  /// over; see `pass`.
  const c2d_record* lock_next(const std::string& token, c2d_moment now);

  /// Ends the attempt called `token`; nothing when it is not outstanding.
  std::optional<changes> decide(const std::string& token, c2d_outcome how,
                                c2d_moment now);

  /// Ends every attempt: the device is gone.
  changes release_all(c2d_moment now);

  /// Ends attempts that take too long, and messages that have expired.
  changes pass(c2d_moment now);

  /// Ends everything.
  changes purge();

  /// Forgets a message without a trace.
  void drop(std::uint64_t sequence) { entries_.erase(sequence); }

  /// How long until `pass` has something to do; nothing when it never has.
  std::optional<std::chrono::milliseconds> next_due(c2d_moment now) const;

  /// By number.
  const std::map<std::uint64_t, entry>& entries() const { return entries_; }

private:
  void release(entry& one, c2d_moment now, changes& into) const;
  void forget(const changes& what);

  c2d_limits limits_;
  std::map<std::uint64_t, entry> entries_;
};

} // namespace tidegate
