#pragma once

#include "benchmarks/harness/bench/result.hpp"
#include "benchmarks/harness/chaos/twin_device.hpp"
#include "benchmarks/harness/load/event_loop.hpp"
#include "benchmarks/harness/nodes/site.hpp"

#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <vector>

namespace tidegate::harness {

/// Twins in a trial: a few devices report numbers all the time, and the hub
/// wants them to be other numbers. What is acknowledged must reach the other
/// side, whatever happens between.
class twin_trial final : private connection_observer {
public:
  twin_trial(event_loop& loop, const stream_factory& streams, site& nodes);

  /// Makes the devices and begins. An error text, or empty.
  std::string start();
  /// Changes nothing any more, waits until both sides agree, and says what was
  /// found.
  void judge(bench_result& result);

private:
  void on_connected() override {}
  void on_lost(const std::string&, std::string_view) override {}
  void tick();
  void change(std::uint64_t n);
  bool converged() const;

  event_loop& loop_;
  const stream_factory& streams_;
  site& site_;
  boost::asio::steady_timer timer_;
  std::vector<std::unique_ptr<twin_device>> devices_;
  std::vector<std::uint64_t> changed_; ///< what the hub last took, by device
  std::uint64_t changes_ = 0;          ///< that the hub took
  std::uint64_t next_ = 0;
};

} // namespace tidegate::harness
