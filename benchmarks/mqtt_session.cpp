#include "actors/clients/mqtt_session.hpp"
#include "actors/clients/registry.hpp"
#include "messages/iothub/telemetry_head.hpp"
#include "messages/iothub/user_name.hpp"
#include "messages/mqtt/encode.hpp"
#include "messages/routing/route_table.hpp"

#include <benchmark/benchmark.h>
#include <boost/json.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>
#include <malloc.h>

using namespace tidegate;

namespace {

/// Counts what the session writes and gives back.
struct counting_transport : transport {
  peer_info who{"bench", "bench", false, {}};
  std::size_t written = 0;
  void write(bytes data) override { written += data.size(); }
  void give_back(std::size_t) override {}
  void tell_drained() override {}
  void close() override {}
  const peer_info& peer() const override { return who; }
};

struct config : caf::actor_system_config {
  config() { set("scheduler.policy", caf::atom("testing")); }
};

/// One MQTT session between a transport that counts and a store that says yes,
/// all run on this thread: what a message costs the session actor.
struct node {
  config cfg;
  caf::actor_system sys{cfg};
  caf::scheduler::test_coordinator& sched
    = dynamic_cast<caf::scheduler::test_coordinator&>(sys.scheduler());
  std::shared_ptr<counting_transport> connection
    = std::make_shared<counting_transport>();
  caf::actor session;
  caf::actor sink;
  std::size_t stored = 0;
  std::size_t answered = 0;

  session_context context;

  explicit node(const identity_id& id) {
    const auto meters = std::make_shared<metrics>(
      std::make_shared<prometheus::Registry>(), prometheus::Labels{});
    auto board = std::make_shared<route_board>();
    auto parsed = routing::parse_routes(
      {{"up", "FROM /messages/* INTO $upstream"}}, {1, 1}, "edge-1");
    auto snapshot = std::make_shared<route_snapshot>();
    snapshot->table = std::make_shared<const routing::route_table>(
      std::move(*parsed), std::chrono::seconds{-1}, "edge-1");
    snapshot->lanes = {lane_id{1}};
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
        [](const target_ready&) {},
        [](const client_leave&) {},
        [](const authenticate& wish) {
          return authenticated{wish.id, 0};
        },
        [](const client_join&) { return client_joined{}; },
      };
    });
    context = {.store = caf::actor_cast<store_actor>(sink),
               .authenticator = caf::actor_cast<authenticator_actor>(sink),
               .clients = caf::actor_cast<client_registry_actor>(sink),
               .router = sink,
               .twins = {},
               .methods = {},
               .c2d = {},
               .routes = board,
               .meters = meters,
               .sessions = {},
               .limits = {},
               .device = "edge-1",
               .hub_host = {},
               .gateway_host = {},
               .now =
                 [] {
                   return std::chrono::floor<std::chrono::milliseconds>(
                     std::chrono::system_clock::now());
                 },
               .elapsed = [] { return elapsed_time{}; }};
    session = connect(id, connection);
  }

  /// A session whose client has been let in.
  caf::actor connect(const identity_id& id, const transport_ptr& over) {
    auto made = sys.spawn(mqtt_session, over, share(context));
    const auto client = to_string(id);
    const auto user = format_user_name("hub", {id, "", {}, {}}, "2021-04-12");
    mqtt::connect packet;
    packet.client_id = client;
    packet.user_name = user;
    packet.password = "token";
    std::string text;
    if (encode(text, packet))
      caf::anon_send(made, received{own(std::move(text))});
    sched.run();
    return made;
  }

  ~node() {
    context = {};
    caf::anon_send(session, closed{"the benchmark is over"});
    caf::anon_send_exit(sink, caf::exit_reason::user_shutdown);
    sched.run();
    sched.trigger_timeouts();
    sched.run();
    sink = nullptr;
    session = nullptr;
    sys.await_actors_before_shutdown(false);
  }

  void arrive(bytes data) {
    caf::anon_send(session, received{std::move(data)});
    sched.run();
  }
};

/// `batch` PUBLISHes of 128 bytes at quality 1, as one read brings them.
bytes publishes(std::int64_t batch, std::int64_t topics) {
  const std::string payload(128, 'x');
  std::string text;
  for (std::int64_t i = 0; i < batch; ++i) {
    const auto topic = "devices/edge-1/modules/pump/messages/events/%24.on=vib"
                       "&n="
                       + std::to_string(i % topics);
    if (!encode(text,
                mqtt::publish{topic, payload, static_cast<std::uint16_t>(i + 1),
                              mqtt::qos::at_least_once, false, false}))
      return {};
  }
  return own(std::move(text));
}

/// From the bytes of a read to the PUBACKs, the store's part left out.
void store_publishes(benchmark::State& state) {
  node n{{"edge-1", "pump"}};
  const auto batch = publishes(state.range(0), state.range(1));
  for (auto _ : state)
    n.arrive(batch);
  if (n.stored != static_cast<std::size_t>(state.iterations() * state.range(0)))
    state.SkipWithError("messages are missing");
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(store_publishes)
  ->ArgNames({"batch", "topics"})
  ->Args({1, 1})
  ->Args({50, 1})
  ->Args({500, 1})
  ->Args({500, 10})
  ->Args({500, 500});

/// From a route's delivery to the PUBACKs' answer to the route.
void deliver_to_input(benchmark::State& state) {
  node n{{"edge-1", "filter"}};
  std::string text;
  if (!encode(text, mqtt::subscribe{1,
                                    {{"devices/edge-1/modules/filter/#",
                                      mqtt::qos::at_least_once}}}))
    return;
  n.arrive(own(std::move(text)));
  const auto batch = static_cast<std::uint32_t>(state.range(0));
  const std::string payload(128, 'x');
  block_builder builder{{}};
  const auto head = make_head({"edge-1", "pump"}, {});
  for (std::uint32_t i = 0; i < batch; ++i)
    builder.add(head, payload);
  const stored_block block{0, builder.finish()};
  std::uint16_t next = 1;
  for (auto _ : state) {
    caf::anon_send(n.session,
                   deliver{n.sink, "in1", {{lane_id{1}, block, 0, batch}}});
    n.sched.run();
    std::string acks;
    for (std::uint32_t i = 0; i < batch; ++i) {
      encode_packet_id(acks, mqtt::packet_type::puback, next);
      next = next == 65'535 ? std::uint16_t{1}
                            : static_cast<std::uint16_t>(next + 1);
    }
    n.arrive(own(std::move(acks)));
  }
  if (n.answered != static_cast<std::size_t>(state.iterations()) * batch)
    state.SkipWithError("answers are missing");
  state.SetItemsProcessed(state.iterations() * batch);
}
BENCHMARK(deliver_to_input)->ArgNames({"batch"})->Arg(1)->Arg(50)->Arg(500);

/// What a session that says nothing holds, its connection left out.
void idle_session_memory(benchmark::State& state) {
  constexpr int sessions = 2000;
  for (auto _ : state) {
    node n{{"edge-1", "pump"}};
    std::vector<caf::actor> all;
    all.reserve(sessions);
    const auto before = mallinfo2().uordblks;
    for (int i = 0; i < sessions; ++i)
      all.push_back(n.connect({"leaf-" + std::to_string(i), ""}, n.connection));
    const auto used = mallinfo2().uordblks - before;
    state.counters["bytes_per_session"] = static_cast<double>(used) / sessions;
    for (const auto& each : all)
      caf::anon_send(each, closed{"the benchmark is over"});
    n.sched.run();
  }
}
BENCHMARK(idle_session_memory)->Iterations(1);

} // namespace
