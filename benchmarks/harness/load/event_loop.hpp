#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <cstdint>
#include <functional>

namespace tidegate::harness {

/// How a wait ended.
enum class waited : std::uint8_t { done, stuck, interrupted };

/// The one thread of the harness: everything happens in here, and a
/// measurement reads as a list of steps that wait for each other.
class event_loop {
public:
  event_loop();

  boost::asio::io_context& io() { return io_; }

  /// Runs handlers until `done` says so. Ends early when `progress` has not
  /// changed for `patience`, or on SIGINT and SIGTERM.
  waited run_until(const std::function<bool()>& done,
                   const std::function<std::uint64_t()>& progress,
                   std::chrono::duration<double> patience);

  /// Runs handlers for `span`, or until `done`. Never answers `stuck`.
  waited run_for(std::chrono::duration<double> span,
                 const std::function<bool()>& done = {});

  bool interrupted() const { return interrupted_; }

private:
  boost::asio::io_context io_;
  boost::asio::signal_set signals_;
  bool interrupted_ = false;
};

} // namespace tidegate::harness
