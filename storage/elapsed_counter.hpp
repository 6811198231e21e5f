#pragma once

#include "storage/database.hpp"
#include "storage/time_mark.hpp"

#include <caf/error.hpp>
#include <caf/expected.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace tidegate {

/// The clocks of the machine a node runs on.
struct machine_clocks {
  std::function<wall_time()> wall;
  /// See `clock_reading`.
  std::function<std::chrono::milliseconds()> since_boot;
  std::string boot;

  clock_reading read() const { return {wall(), since_boot(), boot}; }
};

/// How often the time is marked on disk while nothing happens to the clocks:
/// no more of it can be miscounted when the machine fails.
inline constexpr auto time_mark_period = std::chrono::seconds{30};

/// Counts the time that passes for a node, and marks it in the store, so that
/// it goes on counting where it stopped.
class elapsed_counter {
public:
  /// Reads the last mark and makes a new one. A mark that is not well formed
  /// counts as none.
  static caf::expected<std::shared_ptr<elapsed_counter>>
  open(database_ptr db, machine_clocks clocks);

  /// Safe from any thread.
  elapsed_time now() const {
    return began_ + (clocks_.since_boot() - began_since_boot_);
  }

  /// Marks the time if it is due, or the wall clock has been moved. To be
  /// called about once per second, by one thread.
  caf::error keep_mark();
  /// Marks the time. Synced when it returns.
  caf::error mark();

private:
  elapsed_counter(database_ptr db, machine_clocks clocks);

  database_ptr db_;
  machine_clocks clocks_;
  elapsed_time began_;
  std::chrono::milliseconds began_since_boot_{0};
  clock_reading marked_; ///< when the last mark was made
};

} // namespace tidegate
