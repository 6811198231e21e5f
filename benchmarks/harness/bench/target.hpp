#pragma once

#include "benchmarks/harness/bench/options.hpp"
#include "benchmarks/harness/net/client.hpp"

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
  int server_pid = 0;
  std::string fault; ///< why there is none; empty when all is well
};

/// Any MQTT broker that lets these clients in.
bench_target broker_target(const bench_options& options);

/// Reads `host:port`. Port 0 when there is none.
endpoint parse_endpoint(const std::string& text, layer over);

} // namespace tidegate::harness
