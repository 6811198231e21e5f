#pragma once

#include "benchmarks/harness/net/client.hpp"

#include <CLI/App.hpp>
#include <cstddef>
#include <cstdint>
#include <string>

namespace tidegate::harness {

/// What `tidegate bench` measures.
enum class bench_mode : std::uint8_t {
  stream, ///< publishers to subscribers at once
  drain,  ///< a backlog to a subscriber that comes later
  events, ///< publishers to the event log of the hub
  start,  ///< from start to listening, with a backlog
  idle,   ///< memory per connection
  twins,  ///< clients that ask for their twins
  methods ///< modules that call methods of devices
};

/// What the command line of `tidegate bench` says. Exactly one of `broker`,
/// `config`, `credentials` and `own_node` names the target.
struct bench_options {
  std::string broker;      ///< `host:port` of any MQTT broker
  std::string config;      ///< of a node here
  std::string hub_config;  ///< of its hub here; empty: it is one itself
  std::string credentials; ///< file with connection strings
  std::string at;          ///< `host:port` to use them at
  bool own_node = false;   ///< start a hub and a gateway for the measurement
  std::string folder;      ///< where the own node keeps its data
  std::string durability = "power"; ///< of the own node

  bench_mode mode = bench_mode::stream;
  std::size_t publishers = 20;
  std::size_t subscribers = 1;
  std::uint16_t window = 50;
  double rate = 0;                ///< messages/s of all publishers; 0: no limit
  std::size_t size = 128;         ///< bytes of payload
  double duration = 10;           ///< seconds
  std::uint64_t count = 0;        ///< messages; 0: by duration
  double warm_up = 1;             ///< seconds whose latencies are not recorded
  double live_rate = 0;           ///< messages/s beside a drain
  std::size_t connections = 1000; ///< idle ones
  int server_pid = 0;             ///< whose memory is read
  std::string server_command;     ///< starts the broker; empty: it runs
  double patience = 10; ///< seconds without progress that end the wait

  protocol speaks = protocol::mqtt;
  layer over = layer::plain;
  std::string ca_file;
  std::string topic = "bench";
  std::string user;
  std::string password;

  bool json = false;
  bool progress = false;
};

/// Registers the options on `command`, to be read into `into`, which must
/// live as long as `command`.
void add_bench_options(CLI::App& command, bench_options& into);

/// What is wrong with the combination, or empty.
std::string check(const bench_options& options);

} // namespace tidegate::harness
