#pragma once

#include "benchmarks/harness/figures/sequence_set.hpp"
#include "benchmarks/harness/load/connection.hpp"
#include "benchmarks/harness/load/load_figures.hpp"

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace tidegate::harness {

/// One sender. It numbers its messages from 0, keeps at most a window of them
/// unacknowledged, and after a lost connection sends those again, in order,
/// before anything new.
class publisher final : public client_listener {
public:
  publisher(const stream_factory& streams, client_spec spec, stamp origin,
            load_figures& figures, connection_observer& observer,
            bool persistent);

  void start() { connection_.start(); }
  void stop() { connection_.stop(); }

  /// Allows `count` more messages, which are ready as of `when`: a message
  /// that then has to wait for the window is charged for the wait.
  void release(std::uint64_t count, std::chrono::nanoseconds when);
  /// Allows `count` more messages, each of which counts as ready when the
  /// window lets it go.
  void allow(std::uint64_t count);
  /// Takes back what was allowed and has not been sent.
  void hold();
  /// Sends what it may.
  void pump();

  /// Sends a message that the server may not take, before the next of its own.
  void offend(offence how) { offence_ = how; }
  /// How many of those the server refused as its protocol wants it: closed the
  /// connection (MQTT) or rejected (AMQP).
  std::uint64_t refused_offences() const { return refused_offences_; }
  /// What it did with one instead; empty: nothing else so far.
  const std::string& wrong_answer() const { return wrong_answer_; }
  protocol speaks() const { return connection_.spec().speaks; }

  std::uint64_t published() const { return next_; }
  const sequence_set& acknowledged() const { return acknowledged_; }
  bool settled() const { return acknowledged_.size() == next_; }

  void on_ready() override;
  void on_acknowledged(std::uint64_t sequence) override;
  void on_offence_answered(bool taken) override;
  bool on_message(std::string_view payload) override;
  void on_batch_end() override;
  void on_closed(std::string_view why) override;

private:
  /// Messages below `until` are ready as of `when`.
  struct released {
    std::uint64_t until;
    std::chrono::nanoseconds when;
  };

  void send_offence(client& out);
  std::chrono::nanoseconds ready_since(std::uint64_t sequence);

  connection connection_;
  load_figures& figures_;
  stamp origin_;
  std::vector<std::chrono::nanoseconds> sent_; ///< by sequence, modulo window
  std::deque<released> releases_;
  std::uint64_t allowed_ = 0;
  std::uint64_t next_ = 0;   ///< first never sent
  std::uint64_t cursor_ = 0; ///< first not sent on this connection
  std::uint64_t base_ = 0;   ///< first not acknowledged
  sequence_set acknowledged_;
  std::chrono::nanoseconds batch_time_{};
  std::optional<offence> offence_; ///< wanted
  bool offending_ = false;         ///< sent and not answered
  std::uint64_t refused_offences_ = 0;
  std::string wrong_answer_;
};

} // namespace tidegate::harness
