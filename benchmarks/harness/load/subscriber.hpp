#pragma once

#include "benchmarks/harness/figures/arrivals.hpp"
#include "benchmarks/harness/load/connection.hpp"
#include "benchmarks/harness/load/load_figures.hpp"

#include <vector>

namespace tidegate::harness {

/// One receiver: checks each message by its stamp and measures its age.
class subscriber final : public client_listener {
public:
  /// Messages of another run, of a sender not below `senders`, or with a
  /// number that `figures` has not published only count as foreign.
  subscriber(const stream_factory& streams, client_spec spec, std::uint32_t run,
             std::size_t senders, load_figures& figures,
             connection_observer& observer, bool persistent);

  void start() { connection_.start(); }
  void stop() { connection_.stop(); }

  const std::vector<arrivals>& from_senders() const { return from_; }
  /// First arrivals of all senders.
  std::uint64_t delivered() const { return delivered_; }
  std::uint64_t foreign() const { return foreign_; }

  void on_ready() override { connection_.ready(); }
  void on_acknowledged(std::uint64_t) override {}
  void on_message(std::string_view payload) override;
  void on_batch_end() override { batch_time_ = {}; }
  void on_closed(std::string_view why) override { connection_.closed(why); }

private:
  connection connection_;
  load_figures& figures_;
  std::uint32_t run_;
  std::vector<arrivals> from_;
  std::uint64_t delivered_ = 0;
  std::uint64_t foreign_ = 0;
  std::chrono::nanoseconds batch_time_{};
};

} // namespace tidegate::harness
