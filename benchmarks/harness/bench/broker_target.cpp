#include "benchmarks/harness/bench/target.hpp"

namespace tidegate::harness {

namespace {

client_spec make_spec(const bench_options& options, role does,
                      const std::string& name, std::string address) {
  client_spec spec;
  spec.to = parse_endpoint(options.broker, options.over);
  spec.does = does;
  spec.client_id = options.topic + "-" + name;
  spec.user_name = options.user;
  spec.password = options.password;
  spec.address = std::move(address);
  spec.window = options.window;
  spec.payload_size = options.size;
  return spec;
}

/// Publishers on topics of their own below one that all subscribers follow.
client_group make_group(const bench_options& options, const std::string& name,
                        std::size_t publishers, std::size_t subscribers) {
  client_group group;
  const auto topic = options.topic + "/" + name + "/";
  for (std::size_t i = 0; i < publishers; ++i) {
    const auto number = std::to_string(i);
    group.publishers.push_back(make_spec(
      options, role::publish, name + "-out-" + number, topic + number));
  }
  for (std::size_t i = 0; i < subscribers; ++i) {
    group.subscribers.push_back(make_spec(options, role::subscribe,
                                          name + "-in-" + std::to_string(i),
                                          topic + "#"));
    // What was sent while it was away is kept for it: a drain needs that.
    group.subscribers.back().clean_session = options.mode != bench_mode::drain;
  }
  return group;
}

} // namespace

bench_target broker_target(const bench_options& options) {
  bench_target target;
  target.server_pid = options.server_pid;
  if (parse_endpoint(options.broker, options.over).port == 0) {
    target.fault = "--broker " + options.broker + " names no port";
    return target;
  }
  target.main
    = make_group(options, "load", options.publishers, options.subscribers);
  if (options.live_rate > 0)
    target.live = make_group(options, "live", 1, 1);
  if (options.mode == bench_mode::idle)
    for (std::size_t i = 0; i < options.connections; ++i)
      target.idle.push_back(
        make_spec(options, role::idle, "idle-" + std::to_string(i), ""));
  return target;
}

} // namespace tidegate::harness
