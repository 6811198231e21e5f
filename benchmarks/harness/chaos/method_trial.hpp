#pragma once

#include "benchmarks/harness/bench/result.hpp"
#include "benchmarks/harness/chaos/method_device.hpp"
#include "benchmarks/harness/load/event_loop.hpp"
#include "benchmarks/harness/nodes/site.hpp"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace tidegate::harness {

/// Method calls in a trial: the hub calls devices behind the gateway all the
/// time. A call may fail while something is broken, but it has one answer, in
/// time, which is that of its own device; no device is called twice; and
/// afterwards calls get through.
class method_trial final : private connection_observer {
public:
  method_trial(event_loop& loop, const stream_factory& streams, site& nodes)
    : loop_(loop), streams_(streams), site_(nodes) {}
  ~method_trial();

  /// Makes the devices and begins. An error text, or empty.
  std::string start();
  /// Calls until every device has answered once more, and says what was found.
  void judge(bench_result& result);

private:
  /// A device, and what became of its calls; the caller's while it runs.
  struct called {
    std::unique_ptr<method_device> device;
    std::vector<std::uint64_t> answered;
    unsigned failed = 0;
    bool answers_at_the_end = false;
  };

  void on_connected() override {}
  void on_lost(const std::string&, std::string_view) override {}
  /// On a thread of its own: an operator's call waits for its answer.
  void call_all();
  void call(called& one, std::uint64_t n);
  void judge(const called& one, bench_result& result) const;

  event_loop& loop_;
  const stream_factory& streams_;
  site& site_;
  std::vector<called> devices_;
  std::vector<std::string> wrong_; ///< the caller's while it runs
  std::thread caller_;
  std::atomic<bool> finishing_ = false;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> finished_ = false;
};

} // namespace tidegate::harness
