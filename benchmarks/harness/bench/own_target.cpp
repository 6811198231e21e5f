#include "benchmarks/harness/bench/identified_target.hpp"
#include "benchmarks/harness/nodes/site.hpp"

namespace tidegate::harness {

namespace {

/// The nodes, and their folder unless somebody asked for it.
struct own_site final : public bench_server {
  std::filesystem::path folder;
  bool temporary;
  site nodes;

  own_site(event_loop& loop, const site_plan& plan, bool is_temporary)
    : folder(plan.folder), temporary(is_temporary), nodes(loop, plan) {}
  ~own_site() override {
    nodes.end();
    std::error_code ignored;
    if (temporary)
      std::filesystem::remove_all(folder, ignored);
  }
  own_site(const own_site&) = delete;
  own_site& operator=(const own_site&) = delete;

  int pid() const override { return nodes.gateway().pid(); }
  /// Without warning: the start that follows has the most to do.
  void end() override { nodes.gateway().kill(); }
  std::string start() override { return nodes.gateway().start(); }
};

void add_routes(std::map<std::string, std::string>& routes,
                const std::string& group, std::size_t subscribers, bool alone) {
  const auto condition
    = alone ? std::string{}
            : " WHERE starts_with($connectionDeviceId, 'bench-" + group + "-')";
  for (std::size_t i = 0; i < subscribers; ++i) {
    const auto name = subscriber_name(group, i);
    routes[name] = "FROM /messages/*" + condition
                   + " INTO BrokeredEndpoint(\"/modules/" + name
                   + "/inputs/in\")";
  }
}

std::map<std::string, std::string> routes_for(const bench_options& options) {
  std::map<std::string, std::string> routes;
  if (options.mode != bench_mode::stream && options.mode != bench_mode::drain
      && options.mode != bench_mode::start) {
    routes["up"] = "FROM /messages/* INTO $upstream";
    return routes;
  }
  const auto live = options.live_rate > 0;
  add_routes(routes, "load", options.subscribers, !live);
  if (live)
    add_routes(routes, "live", 1, false);
  return routes;
}

endpoint https_of(const site& nodes) {
  auto door = nodes.gateway_door(protocol::mqtt, layer::secure_websocket);
  door.over = layer::tls;
  return door;
}

} // namespace

bench_target own_target(const bench_options& options, event_loop& loop) {
  bench_target target;
  site_plan plan;
  plan.folder = options.folder.empty() ? new_folder()
                                       : std::filesystem::path{options.folder};
  plan.program = own_program();
  plan.durability = options.durability;
  plan.gateway_quota = "64 GiB"; // a backlog may be as large as it likes
  plan.gateway_routes = routes_for(options);
  const auto own
    = std::make_shared<own_site>(loop, plan, options.folder.empty());
  target.keep = own;
  auto& nodes = own->nodes;
  target.fault = nodes.start();
  if (!target.fault.empty())
    return target;
  target.server = own;
  add_clients(target, options,
              {[&](const auto& name) { return nodes.add_device(name); },
               [&](const auto& name) { return nodes.add_module(name); },
               nodes.gateway_door(options.speaks, options.over),
               https_of(nodes)});
  target.events_command = nodes.hub().command({"events", "--follow", "--json"});
  return target;
}

} // namespace tidegate::harness
