#pragma once

#include "benchmarks/harness/figures/verdict.hpp"
#include "benchmarks/harness/load/pace.hpp"
#include "benchmarks/harness/load/publisher.hpp"
#include "benchmarks/harness/load/subscriber.hpp"

#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace tidegate::harness {

/// Who takes part in a load, and what sets its messages apart.
struct load_plan {
  std::vector<client_spec> publishers;
  std::vector<client_spec> subscribers;
  std::uint32_t run = 0;
  /// Lost connections are opened again and what was unacknowledged is sent
  /// again; otherwise the first loss is an error of the load.
  bool persistent = false;
};

/// A set of publishers and subscribers and the clock that drives them.
class load : private connection_observer {
public:
  load(const stream_factory& streams, const load_plan& plan);

  /// One more place that everything published is to reach, besides the
  /// subscribers. Whoever asked hands it what arrives there.
  receiver& add_receiver();

  /// Opens connections; `then` runs once all of them are ready.
  void connect_publishers(std::function<void()> then);
  void connect_subscribers(std::function<void()> then);

  /// Publishes `rate` messages per second, spread evenly; 0 stops.
  void publish_at(double rate);
  /// Publishes `count` messages as fast as the windows allow.
  void publish(std::uint64_t count);
  /// No new messages. Those on their way still count.
  void hold();
  void disconnect();

  /// Connections that have been ready once.
  std::uint64_t connected() const { return connected_once_; }
  /// Everything published is acknowledged.
  bool acknowledged() const;
  /// Every receiver has as many messages as were published.
  bool delivered() const;
  load_verdict verdict() const;

  load_figures& figures() { return figures_; }
  const load_figures& figures() const { return figures_; }
  const std::vector<std::unique_ptr<publisher>>& publishers() const {
    return publishers_;
  }
  /// Why a connection was lost that should not have been; empty while none.
  const std::string& error() const { return error_; }
  /// Connections lost so far, persistent ones included.
  std::uint64_t lost_connections() const { return lost_connections_; }
  const std::vector<std::unique_ptr<receiver>>& receivers() const {
    return receivers_;
  }

private:
  template <class Clients>
  void connect(const Clients& clients, std::function<void()> then);
  void connect_next();
  void on_connected() override;
  void on_lost(const std::string& who, std::string_view why) override;
  void tick();

  const stream_factory& streams_;
  load_figures figures_;
  std::uint32_t run_;
  std::vector<std::unique_ptr<publisher>> publishers_;
  std::vector<std::unique_ptr<receiver>> receivers_;
  std::vector<std::unique_ptr<subscriber>> subscribers_;
  boost::asio::steady_timer timer_;
  pace pace_;
  std::chrono::nanoseconds paced_since_{};
  std::size_t turn_ = 0;                      ///< whose message is due next
  std::deque<std::function<void()>> waiting_; ///< to be connected
  std::size_t awaited_ = 0;
  std::uint64_t connected_once_ = 0;
  std::function<void()> connected_;
  bool persistent_;
  std::string error_;
  std::uint64_t lost_connections_ = 0;
};

} // namespace tidegate::harness
