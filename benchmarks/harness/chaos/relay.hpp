#pragma once

#include "benchmarks/harness/figures/sequence_set.hpp"
#include "benchmarks/harness/load/connection.hpp"

#include <CLI/App.hpp>
#include <deque>

namespace tidegate::harness {

/// A module that passes on what it gets, in the order in which it gets it, and
/// acknowledges an input only once its output is acknowledged: whenever it is
/// killed, what it had taken comes again. Only the stamp of a payload is
/// passed on, which is all that the proof reads.
class relay final : public client_listener, private connection_observer {
public:
  /// `spec.does` is `role::relay`.
  relay(const stream_factory& streams, client_spec spec);

  void start() { connection_.start(); }

  void on_ready() override;
  void on_acknowledged(std::uint64_t number) override;
  bool on_message(std::string_view payload) override;
  void on_batch_end() override { pump(); }
  void on_closed(std::string_view why) override;

private:
  void on_connected() override {}
  void on_lost(const std::string& who, std::string_view why) override;
  /// Sends what waits, as far as the gateway takes it.
  void pump();

  connection connection_;
  // All of this connection: the gateway sends again what it left open.
  std::deque<stamp> waiting_; ///< inputs that are not sent yet
  std::uint64_t next_ = 0;    ///< number of the next output
  sequence_set outputs_;      ///< acknowledged
  std::uint64_t settled_ = 0; ///< inputs acknowledged
};

/// Environment of the module, beside what the gateway gives every module.
inline constexpr const char* relay_protocol = "RELAY_PROTOCOL"; ///< mqtt, amqp
inline constexpr const char* relay_port = "RELAY_PORT";

/// The command that is the module; the gateway of a trial starts it.
inline constexpr const char* relay_command = "chaos-relay";

/// Registers it on `app`, hidden from people; its exit code goes to `result`,
/// which must live as long as `app`.
void add_relay_command(CLI::App& app, int& result);

} // namespace tidegate::harness
