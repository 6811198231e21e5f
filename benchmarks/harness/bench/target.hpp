#pragma once

#include "benchmarks/harness/bench/bench_server.hpp"
#include "benchmarks/harness/bench/options.hpp"
#include "benchmarks/harness/load/event_loop.hpp"
#include "benchmarks/harness/net/client.hpp"

#include <memory>
#include <string>
#include <vector>

namespace tidegate::harness {

/// A group of clients that talk to each other and to nobody else: what its
/// publishers send reaches each of its subscribers.
struct client_group {
  std::vector<client_spec> publishers;
  std::vector<client_spec> subscribers;
};

/// The server under measurement and the clients it knows.
struct bench_target {
  client_group main;
  /// Beside a drain: one publisher, one subscriber.
  client_group live;
  std::vector<client_spec> idle;
  /// Null when the server is somebody else's and not known here.
  std::shared_ptr<bench_server> server;
  /// Prints the hub's events as they come, one JSON document a line; empty
  /// where there is no hub to ask.
  std::vector<std::string> events_command;
  std::string fault; ///< why there is no target; empty when all is well
  /// What was made for the measurement; goes with the last copy.
  std::shared_ptr<void> keep;

  int server_pid() const { return server ? server->pid() : 0; }
};

/// Somebody else's process, to be looked at only; null for no pid.
std::shared_ptr<bench_server> foreign_server(int pid);

/// Any MQTT broker that lets these clients in; started here when the options
/// say by what command.
bench_target broker_target(const bench_options& options, event_loop& loop);

/// Identities from a file, at a node somewhere.
bench_target credentials_target(const bench_options& options);

/// A node of this machine that somebody else runs. Its routes must lead from
/// the devices `bench-load-out-...` to the input `in` of the modules
/// `bench-load-in-...`, which are removed with the target.
bench_target configured_target(const bench_options& options);

/// A hub and a gateway, started for the measurement and ended with it.
bench_target own_target(const bench_options& options, event_loop& loop);

/// Whichever the options name.
bench_target make_target(const bench_options& options, event_loop& loop);

/// Reads `host:port`. Port 0 when there is none.
endpoint parse_endpoint(const std::string& text, layer over);

} // namespace tidegate::harness
