#include "actors/clients/amqp_session.hpp"
#include "actors/clients/registry.hpp"
#include "actors/uplink/parent_session.hpp"
#include "actors/uplink/uplink.hpp"
#include "messages/amqp/batch.hpp"
#include "messages/amqp/head_mapping.hpp"
#include "messages/routing/route_table.hpp"

#include <benchmark/benchmark.h>
#include <boost/json.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>

using namespace tidegate;

namespace {

head_ptr some_head() {
  auto head = std::make_shared<message_head>();
  head->sender = {"edge-1", "pump"};
  head->system = {{"connectionDeviceId", "edge-1"},
                  {"connectionModuleId", "pump"},
                  {"contentType", "application/json"},
                  {"contentEncoding", "utf-8"},
                  {"outputName", "vib"}};
  head->user = {{"level", "warn"}, {"site", "dock-3"}};
  return head;
}

/// What a client's message of 128 bytes costs to take apart.
void read_message(benchmark::State& state) {
  std::string encoded;
  amqp::write_upstream_head(encoded, *some_head());
  amqp::write_data_header(encoded, 128);
  encoded.append(128, 'x');
  amqp::batch found;
  std::string why;
  std::string joined;
  for (auto _ : state) {
    amqp::split_batch(encoded, found, why);
    if (state.range(0) != 0)
      benchmark::DoNotOptimize(
        amqp::read_head(found.messages[0], {"edge-1", "pump"}, {}, why));
    benchmark::DoNotOptimize(amqp::read_body(found.messages[0], joined));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(read_message)->ArgNames({"head"})->Arg(0)->Arg(1);

/// Passes bytes straight to the session at the other end.
struct wire : transport {
  peer_info who{"bench", "bench", false, {}};
  caf::actor far;
  void write(bytes data) override {
    caf::anon_send(far, received{std::move(data)});
  }
  void give_back(std::size_t) override {}
  void tell_drained() override {}
  void close() override {}
  const peer_info& peer() const override { return who; }
};

struct config : caf::actor_system_config {
  config() { set("scheduler.policy", caf::atom("testing")); }
};

/// An uplink and the session of its parent, all run on this thread: what a
/// message costs both nodes together, sockets and stores left out.
struct two_nodes : connector {
  config cfg;
  caf::actor_system sys{cfg};
  caf::scheduler::test_coordinator& sched
    = dynamic_cast<caf::scheduler::test_coordinator&>(sys.scheduler());
  caf::actor sink;
  caf::actor target;
  uplink_actor up;
  session_context context;
  std::shared_ptr<wire> here = std::make_shared<wire>();
  std::shared_ptr<wire> there = std::make_shared<wire>();
  std::size_t stored = 0;
  std::size_t answered = 0;

  static wall_time now() {
    return std::chrono::floor<std::chrono::milliseconds>(
      std::chrono::system_clock::now());
  }

  explicit two_nodes(bool batches) {
    auto parsed = routing::parse_routes(
      {{"up", "FROM /messages/* INTO $upstream"}}, {1, 1}, "hub");
    auto snapshot = std::make_shared<route_snapshot>();
    snapshot->table = std::make_shared<const routing::route_table>(
      std::move(*parsed), std::chrono::seconds{-1}, "hub");
    snapshot->lanes = {lane_id{1}};
    auto board = std::make_shared<route_board>();
    board->publish(std::move(snapshot));
    sink = sys.spawn([this](caf::event_based_actor*) -> caf::behavior {
      return {
        [this](const append& wish) {
          stored += wish.blocks.at(0).data->size();
          caf::anon_send(wish.reply_to, append_done{wish.tag, {}});
        },
        [this](const delivered& news) {
          for (const auto& range : news.ranges)
            answered += range.count;
        },
        [this](const target_ready& news) { target = news.target; },
        [](const target_gone&) {},
        [](const client_leave&) {},
        [](const authenticate& wish) {
          return authenticated{wish.id, 0};
        },
        [](const client_join&) { return client_joined{}; },
      };
    });
    context.store = caf::actor_cast<store_actor>(sink);
    context.authenticator = caf::actor_cast<authenticator_actor>(sink);
    context.clients = caf::actor_cast<client_registry_actor>(sink);
    context.router = sink;
    context.routes = board;
    context.meters = std::make_shared<metrics>(
      std::make_shared<prometheus::Registry>(), prometheus::Labels{});
    context.now = now;
    context.elapsed = [] { return elapsed_time{}; };
    uplink_context from;
    from.router = sink;
    from.network = std::shared_ptr<connector>{this, [](connector*) {}};
    from.device = "edge-1";
    from.hub_host = "hub";
    from.sign
      = [](std::string_view) -> std::optional<std::string> { return "c2ln"; };
    from.now = now;
    from.options.batches = batches;
    uplink_parent parent;
    parent.start = [from](caf::actor_system& in, const caf::actor& by,
                          const std::optional<trial_order>& trial) {
      return in.spawn(parent_session, from, by, trial);
    };
    parent.meters = context.meters;
    up = sys.spawn(uplink, parent);
    sched.run();
  }

  ~two_nodes() override {
    const auto session = there->far;
    caf::anon_send_exit(up, caf::exit_reason::user_shutdown);
    sched.run();
    caf::anon_send(here->far, closed{"over"});
    caf::anon_send(session, closed{"over"});
    caf::anon_send_exit(sink, caf::exit_reason::user_shutdown);
    here->far = there->far = nullptr;
    context = {};
    up = nullptr;
    target = sink = nullptr;
    sched.run();
    sched.trigger_timeouts();
    sched.run();
    sys.await_actors_before_shutdown(false);
  }

  void connect(const parent_endpoint&, caf::actor session) override {
    there->far = session;
    here->far = sys.spawn(amqp_session, share(context), there);
    caf::anon_send(session, connected{here});
  }
};

/// From a route's delivery to the parent's store and the answer to the route.
void send_upstream(benchmark::State& state) {
  two_nodes nodes{state.range(1) != 0};
  if (!nodes.target)
    return state.SkipWithError("the parent was not reached");
  const auto size = static_cast<std::uint32_t>(state.range(0));
  const std::string payload(128, 'x');
  block_builder builder{two_nodes::now()};
  const auto head = some_head();
  for (std::uint32_t i = 0; i < size; ++i)
    builder.add(head, payload);
  const stored_block block{0, builder.finish()};
  for (auto _ : state) {
    caf::anon_send(
      nodes.target,
      deliver{nodes.sink, {}, {{lane_id{1}, block, 0, size}}, "iothub"});
    nodes.sched.run();
  }
  if (nodes.answered != static_cast<std::size_t>(state.iterations()) * size)
    state.SkipWithError("messages are missing");
  state.SetItemsProcessed(state.iterations() * size);
}
BENCHMARK(send_upstream)
  ->ArgNames({"waiting", "batches"})
  ->Args({1, 1})
  ->Args({50, 1})
  ->Args({5000, 1})
  ->Args({50, 0})
  ->Args({5000, 0});

} // namespace
