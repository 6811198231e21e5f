#pragma once

#include "messages/method_messages.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace tidegate {

struct method_limits {
  /// Calls that wait for their target or for its answer: altogether, and of
  /// one target, so that a silent one does not take them all.
  std::size_t calls = 1000;
  std::size_t calls_of_target = 100;
  /// A client that calls have waited for is given this long after it
  /// subscribed to get ready (edge-hub spec 8).
  std::chrono::milliseconds settling{3000};
  /// A module is no more trusted than its worst fault: of one, and of all
  /// modules together, so that the parent, services and operators always have
  /// room.
  std::size_t calls_of_module = 50;
  std::size_t calls_of_modules = 500;
  /// Payload bytes of all calls, of those of modules, and of one module's.
  std::size_t payload = std::size_t{64} << 20;
  std::size_t payload_of_modules = std::size_t{16} << 20;
  std::size_t payload_of_module = std::size_t{2} << 20;
};

/// The calls of methods that have not ended, and which clients take calls.
/// Decides what becomes of each; sends nothing itself. A call is known by its
/// rid, compared without case.
class pending_calls {
public:
  using time = std::chrono::steady_clock::time_point;

  enum class admission : std::uint8_t {
    deliver, ///< to the target, now
    wait,    ///< for the target
    absent,  ///< the target takes no calls, and the caller does not wait
    crowded  ///< a limit is reached
  };

  /// What is to be done because time has passed; rids as they were given.
  struct due_calls {
    std::vector<std::string> deliver;
    std::vector<std::string> absent; ///< the target did not come in time
    std::vector<std::string> silent; ///< the target did not answer in time
  };

  explicit pending_calls(const method_limits& limits) : limits_{limits} {}

  admission add(const std::string& rid, const invoke_method& wish, time now);

  /// `id` speaks through `session` (0: it is not connected) and takes calls,
  /// or does not. Returns the rids of calls that another session of it was
  /// running: nobody will answer them.
  std::vector<std::string> set_client(const identity_id& id,
                                      std::uint64_t session, bool takes_calls,
                                      time now);

  /// Ends the call that `by` answers; returns its rid, or nothing when no call
  /// of `by` waits for that answer.
  std::optional<std::string> answer(const identity_id& by,
                                    const std::string& rid);

  /// Moves on every call whose time has come.
  due_calls take_due(time now);

  /// When `take_due` has something to do next.
  std::optional<time> next_due() const;

  /// Ends a call whose caller has left; false when it has ended
  /// already. Its place is free. But what a module left at its target counts
  /// as its own until it is answered or due: a caller that comes and leaves
  /// asks no more of anybody than one that waits.
  bool abandon(const std::string& rid);

  std::size_t size() const { return calls_.size(); }

private:
  enum class phase : std::uint8_t { waiting, settling, running };

  struct call {
    std::string rid;
    identity_id target;
    std::chrono::milliseconds response_timeout{};
    time connect_by;
    phase is = phase::waiting;
    time due;
    method_caller from;
    std::size_t payload = 0;
  };
  /// A call at its target that nobody waits for.
  struct left_call {
    identity_id target;
    time due;
    method_caller from;
  };
  struct usage {
    std::size_t calls = 0;
    std::size_t payload = 0;
  };
  struct target {
    std::uint64_t session = 0;
    bool takes_calls = false;
    std::size_t calls = 0;
  };
  using call_map = std::unordered_map<std::string, call>;
  using left_map = std::unordered_map<std::string, left_call>;

  bool is_crowded(const invoke_method& wish) const;
  void count(const method_caller& from, std::size_t payload);
  void forget(const method_caller& from, std::size_t payload);
  void run(call& one, time now);
  call_map::iterator end(call_map::iterator one);
  left_map::iterator end(left_map::iterator one);

  method_limits limits_;
  call_map calls_; ///< by rid in lower case
  left_map left_;  ///< likewise
  std::unordered_map<identity_id, target> targets_;
  std::map<method_caller, usage> callers_;
  usage of_modules_;
  std::size_t payload_ = 0;
};

} // namespace tidegate
