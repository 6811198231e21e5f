#include "benchmarks/harness/bench/identified_target.hpp"

#include "benchmarks/harness/nodes/client_identity.hpp"
#include "messages/error_text.hpp"

namespace tidegate::harness {

namespace {

/// Appends `count` clients; stops at the first fault.
class client_maker {
public:
  client_maker(bench_target& target, const bench_options& options,
               const identity_source& from)
    : target_(target), options_(options), from_(from) {}

  void add(std::vector<client_spec>& to, role does, std::size_t count,
           const std::function<std::string(std::size_t)>& name) {
    const auto is_module = does == role::subscribe || does == role::call;
    const auto& make = is_module ? from_.module : from_.device;
    const auto& door = does == role::call ? from_.https : from_.door;
    for (std::size_t i = 0; i < count && target_.fault.empty(); ++i) {
      const auto made = make(name(i));
      if (!made) {
        target_.fault = name(i) + ": " + error_text(made.error());
        return;
      }
      auto one = identify(*made, door, options_.speaks, does);
      one.spec.window = options_.window;
      one.spec.payload_size = options_.size;
      target_.fault = one.fault;
      to.push_back(std::move(one.spec));
    }
  }

  void add_group(client_group& to, const std::string& name,
                 std::size_t publishers, std::size_t subscribers) {
    add(to.subscribers, role::subscribe, subscribers,
        [&](std::size_t i) { return subscriber_name(name, i); });
    add(to.publishers, role::publish, publishers,
        [&](std::size_t i) { return publisher_name(name, i); });
  }

private:
  bench_target& target_;
  const bench_options& options_;
  const identity_source& from_;
};

} // namespace

std::string publisher_name(const std::string& group, std::size_t index) {
  return "bench-" + group + "-out-" + std::to_string(index);
}

std::string subscriber_name(const std::string& group, std::size_t index) {
  return "bench-" + group + "-in-" + std::to_string(index);
}

namespace {

/// Devices that answer, and modules that call them in turn.
void add_callers(bench_target& target, const bench_options& options,
                 const identity_source& from, client_maker& maker) {
  if (from.https.port == 0) {
    target.fault = "--mode methods needs a node that listens for HTTPS";
    return;
  }
  auto& answering = target.main.subscribers;
  auto& calling = target.main.publishers;
  maker.add(answering, role::answer, options.subscribers,
            [](std::size_t i) { return publisher_name("method", i); });
  maker.add(calling, role::call, options.publishers,
            [](std::size_t i) { return subscriber_name("method", i); });
  for (std::size_t i = 0; i < calling.size() && !answering.empty(); ++i) {
    calling[i].window = 1;
    calling[i].output
      = "/twins/" + answering[i % answering.size()].client_id + "/methods";
  }
}

} // namespace

void add_clients(bench_target& target, const bench_options& options,
                 const identity_source& from) {
  client_maker maker{target, options, from};
  if (options.mode == bench_mode::idle) {
    maker.add(target.idle, role::idle, options.connections,
              [](std::size_t i) { return publisher_name("idle", i); });
    return;
  }
  if (options.mode == bench_mode::twins) {
    maker.add(target.main.publishers, role::twin, options.publishers,
              [](std::size_t i) { return publisher_name("twin", i); });
    return;
  }
  if (options.mode == bench_mode::methods) {
    add_callers(target, options, from, maker);
    return;
  }
  const auto subscribers
    = options.mode == bench_mode::events ? 0 : options.subscribers;
  maker.add_group(target.main, "load", options.publishers, subscribers);
  if (options.live_rate > 0)
    maker.add_group(target.live, "live", 1, 1);
}

} // namespace tidegate::harness
