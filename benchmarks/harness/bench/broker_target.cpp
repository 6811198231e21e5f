#include "benchmarks/harness/bench/open_door.hpp"
#include "benchmarks/harness/bench/target.hpp"
#include "benchmarks/harness/nodes/child_process.hpp"

#include <sstream>

namespace tidegate::harness {

namespace {

constexpr std::chrono::seconds longest_start{30};
constexpr std::chrono::seconds longest_end{120};

client_spec make_spec(const bench_options& options, role does,
                      const std::string& name, const std::string& address) {
  client_spec spec;
  spec.to = parse_endpoint(options.broker, options.over);
  spec.does = does;
  spec.client_id = options.topic + "-" + name;
  spec.user_name = options.user;
  spec.password = options.password;
  (does == role::subscribe ? spec.input : spec.output) = address;
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
    // What was sent while it was away is kept for it: a backlog needs that.
    group.subscribers.back().clean_session
      = options.mode != bench_mode::drain && options.mode != bench_mode::start;
  }
  return group;
}

/// A broker that is started by a command, and killed when this goes.
class commanded_server final : public bench_server {
public:
  explicit commanded_server(const std::string& command) {
    std::istringstream words{command};
    for (std::string word; words >> word;)
      arguments_.push_back(word);
  }

  int pid() const override { return process_.pid(); }
  /// In order: it may have something to save.
  void end() override { process_.end(longest_end); }
  std::string start() override {
    return process_.start(arguments_, "/dev/stderr");
  }

private:
  std::vector<std::string> arguments_;
  child_process process_;
};

/// Starts the broker and waits until it listens.
std::string start(bench_server& server, const endpoint& door,
                  event_loop& loop) {
  if (auto why = server.start(); !why.empty())
    return why;
  return time_until_open(door, loop, longest_start)
           ? std::string{}
           : "the broker does not listen at " + door.address;
}

} // namespace

bench_target broker_target(const bench_options& options, event_loop& loop) {
  bench_target target;
  if (parse_endpoint(options.broker, options.over).port == 0) {
    target.fault = "--broker " + options.broker + " names no port";
    return target;
  }
  if (options.server_command.empty()) {
    target.server = foreign_server(options.server_pid);
  } else {
    target.server = std::make_shared<commanded_server>(options.server_command);
    target.fault = start(*target.server,
                         parse_endpoint(options.broker, options.over), loop);
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
