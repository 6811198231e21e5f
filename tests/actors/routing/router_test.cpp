#include "actors/routing/event_log.hpp"
#include "actors/routing/router.hpp"
#include "actors/supervision/supervisor.hpp"
#include "support/deterministic.hpp"
#include "support/memory_store.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

struct fixture : deterministic {
  memory_store memory;
  store_actor store = memory.spawn_store(sys);
  lane_reader_actor reader = memory.spawn_reader(sys);
  std::shared_ptr<route_board> board = std::make_shared<route_board>();
  caf::actor supervised
    = sys.spawn(supervisor, supervisor_options{"routes", nullptr},
                std::vector<child_spec>{});
  router_actor routes = sys.spawn(
    router,
    router_context{
      store, board, [this](const auto& sink) { start_route(sink); },
      [this](const auto& sink) { self->send(supervised, stop_child{sink}); }});
  wall_time now{1000ms};
  elapsed_time elapsed{1000ms};
  std::shared_ptr<delivery_budget> budget = std::make_shared<delivery_budget>();
  std::vector<deliver> taken;
  caf::actor target = make_target();

  ~fixture() {
    change({});
    for (const auto& handle :
         {caf::actor_cast<caf::actor>(store),
          caf::actor_cast<caf::actor>(reader),
          caf::actor_cast<caf::actor>(routes), supervised, target})
      caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
  }

  void start_route(const std::string& sink) {
    child_spec spec{sink, [this, sink](caf::event_based_actor*) {
                      route_context context{store,
                                            reader,
                                            nullptr,
                                            [this] { return now; },
                                            [this] { return elapsed; },
                                            budget};
                      const auto made = caf::actor_cast<caf::actor>(
                        sys.spawn(route, context, sink));
                      caf::anon_send(routes, route_up{sink, made});
                      return made;
                    }};
    self->send(supervised, start_child{std::move(spec)});
  }

  caf::actor make_target() {
    return sys.spawn([this](caf::event_based_actor*) -> caf::behavior {
      return {[this](const deliver& what) { taken.push_back(what); },
              [](const append_done&) {}};
    });
  }

  bool change(std::vector<lane_key> sinks) {
    const auto answer
      = ask<routes_set>(routes, set_routes{nullptr, std::move(sinks)});
    run();
    return static_cast<bool>(answer);
  }

  void send_to(const lane_key& key, std::uint32_t count,
               const std::string& payload = "x",
               elapsed_time expires = never_expires) {
    block_builder builder{now};
    const auto head = std::make_shared<const message_head>();
    for (std::uint32_t i = 0; i < count; ++i)
      builder.add(head, payload, expires);
    self->send(
      store, append{1, {{memory.of(key).status.id, builder.finish()}}, target});
    run();
  }

  void send_to(const std::string& sink, std::uint32_t count,
               std::uint32_t priority = 5, const std::string& payload = "x") {
    send_to(lane_key{sink, priority}, count, payload);
  }

  void ready(std::uint32_t window = 100,
             const std::string& prefix = "edge/filter/") {
    self->send(routes, target_ready{prefix, target, window});
    run();
  }

  void answer(const deliver& what, delivery_result how) {
    delivered all;
    for (const auto& item : what.items)
      all.ranges.push_back(
        {item.lane, item.block.first + item.from, item.to - item.from, how});
    self->send(what.route, all);
    run();
  }

  std::size_t count() const {
    std::size_t sum = 0;
    for (const auto& what : taken)
      for (const auto& item : what.items)
        sum += item.to - item.from;
    return sum;
  }

  lane_status lane(const std::string& sink, std::uint32_t priority = 5) {
    return memory.of({sink, priority}).status;
  }
};

const std::string sink = "edge/filter/in";

} // namespace

TEST_CASE_METHOD(fixture, "messages reach the target and move the cursor",
                 "[route]") {
  REQUIRE(change({{sink, 5}}));
  CHECK(board->current()->lanes.size() == 1);
  ready();
  send_to(sink, 3);
  REQUIRE(count() == 3);
  CHECK(taken.front().input == "in");
  CHECK(lane(sink).cursor == 0);
  answer(taken.front(), delivery_result::done);
  CHECK(lane(sink).cursor == 3);
  CHECK(lane(sink).ledger.delivered == 3);
}

TEST_CASE_METHOD(fixture, "what was queued before the target came is read back",
                 "[route]") {
  REQUIRE(change({{sink, 5}}));
  send_to(sink, 3);
  send_to(sink, 2);
  CHECK(count() == 0);
  ready(4);
  CHECK(count() == 4);
}

TEST_CASE_METHOD(fixture, "the window bounds what is outstanding", "[route]") {
  REQUIRE(change({{sink, 5}}));
  ready(2);
  send_to(sink, 5);
  REQUIRE(count() == 2);
  answer(taken.front(), delivery_result::done);
  CHECK(count() == 4);
}

TEST_CASE_METHOD(fixture,
                 "a message larger than what is left of the window "
                 "stops nothing",
                 "[route]") {
  REQUIRE(change({{sink, 5}}));
  ready(1000);
  send_to(sink, 40);
  send_to(sink, 1, 5, std::string(20u << 20, 'x'));
  CHECK(count() == 41);
  send_to(sink, 40);
  CHECK(count() == 41); // the window is 32 now, and more than that is out
  for (std::size_t i = 0; i < taken.size(); ++i)
    answer(deliver{taken[i]}, delivery_result::done);
  CHECK(count() == 81);
  CHECK(lane(sink).cursor == 81);
}

TEST_CASE_METHOD(fixture, "a higher priority goes first", "[route]") {
  REQUIRE(change({{sink, 5}, {sink, 0}}));
  send_to(sink, 2, 5);
  send_to(sink, 2, 0);
  ready(2);
  REQUIRE(count() == 2);
  CHECK(taken.front().items.front().lane == lane(sink, 0).id);
}

TEST_CASE_METHOD(fixture, "lanes of one priority go by the age of what waits",
                 "[route]") {
  const lane_key kept{sink, 5};
  const lane_key dropped{sink, 5, on_full::drop_oldest};
  REQUIRE(change({kept, dropped}));
  send_to(kept, 2);
  now += 1s;
  send_to(dropped, 2);
  now += 1s;
  send_to(kept, 2);
  ready(5);
  std::vector<lane_id> order;
  for (const auto& what : taken)
    for (const auto& item : what.items)
      order.insert(order.end(), item.to - item.from, item.lane);
  const auto first = memory.of(kept).status.id;
  const auto second = memory.of(dropped).status.id;
  CHECK(order == std::vector{first, first, second, second, first});
}

TEST_CASE_METHOD(fixture, "everything that has expired goes while nobody takes",
                 "[route]") {
  const lane_key key{sink, 5};
  REQUIRE(change({key}));
  // More than is read at a time, and than is held for a target.
  const std::string payload(100'000, 'x');
  for (int i = 0; i < 60; ++i)
    send_to(key, 1, payload, elapsed + 5s);
  send_to(key, 1, payload, elapsed + 60s);
  elapsed += 10s;
  pass(2s);
  CHECK(lane(sink).ledger.expired == 60);
  CHECK(lane(sink).ledger.pending() == 1);
  SECTION("by the time that passed, not by the clock") {
    now += 24h;
    pass(2s);
    CHECK(lane(sink).ledger.pending() == 1);
    elapsed += 60s;
    pass(2s);
    CHECK(lane(sink).ledger.pending() == 0);
  }
  SECTION("and what lives is delivered") {
    ready();
    CHECK(count() == 1);
  }
}

TEST_CASE_METHOD(fixture, "what must be retried is sent again after a pause",
                 "[route]") {
  REQUIRE(change({{sink, 5}}));
  ready();
  send_to(sink, 2);
  answer(taken.front(), delivery_result::retry);
  CHECK(taken.size() == 1);
  pass(1000ms);
  REQUIRE(taken.size() == 2);
  answer(taken.back(), delivery_result::done);
  CHECK(lane(sink).cursor == 2);
}

TEST_CASE_METHOD(fixture, "a dead target's messages go to the next one",
                 "[route]") {
  REQUIRE(change({{sink, 5}}));
  ready();
  send_to(sink, 2);
  caf::anon_send_exit(target, caf::exit_reason::kill);
  run();
  taken.clear();
  target = make_target();
  ready();
  CHECK(count() == 2);
}

TEST_CASE_METHOD(fixture, "a route that fails is started again with its lanes",
                 "[route]") {
  REQUIRE(change({{sink, 5}}));
  ready();
  send_to(sink, 2);
  caf::anon_send_exit(taken.front().route, caf::exit_reason::kill);
  run();
  pass(1s);
  CHECK(count() == 4);
}

TEST_CASE_METHOD(fixture, "routes change without losing what is queued",
                 "[route]") {
  REQUIRE(change({{sink, 5}, {"iothub", 5}}));
  send_to(sink, 2);
  send_to("iothub", 2);
  SECTION("a sink that stays drains, whatever its priority was") {
    REQUIRE(change({{sink, 1}}));
    ready();
    CHECK(count() == 2);
  }
  SECTION("a sink that goes takes its lanes with it") {
    REQUIRE(change({{sink, 5}}));
    CHECK(memory.lanes.size() == 1);
  }
  SECTION("a failing store leaves everything as it was") {
    memory.failing = ec::store_failed;
    const auto before = board->current();
    CHECK_FALSE(change({{"edge/other/in", 5}}));
    CHECK(board->current() == before);
  }
}

TEST_CASE_METHOD(fixture, "the event log answers from memory and from disk",
                 "[events]") {
  const auto log
    = sys.spawn(event_log,
                route_context{store, reader, nullptr, [this] { return now; },
                              [this] { return elapsed; }},
                log_retention{});
  send_to("iothub", 2);
  self->send(log, add_lane{lane("iothub").id});
  run();
  send_to("iothub", 3);
  const auto all = ask<events_page>(log, read_events{0, 1 << 20, 0ms});
  REQUIRE(all);
  CHECK(all->next == 5);
  REQUIRE(all->blocks.size() == 2);
  const auto newest = ask<events_page>(log, read_events{3, 1 << 20, 0ms});
  REQUIRE(newest->blocks.size() == 1);
  CHECK(newest->blocks.front().first == 2);
  SECTION("a reader at the end waits for what comes") {
    auto pending
      = self->request(log, caf::infinite, read_events{5, 1 << 20, 60s});
    run();
    send_to("iothub", 1);
    bool got = false;
    pending.receive(
      [&](const events_page& page) { got = page.blocks.size() == 1; },
      [](const caf::error&) {});
    CHECK(got);
  }
  SECTION("and only so many wait") {
    const read_events wish{5, 1 << 20, 60s};
    for (int i = 0; i < 64; ++i)
      self->send(log, wish);
    run();
    CHECK(self->mailbox().empty());
    self->send(log, wish);
    run();
    CHECK_FALSE(self->mailbox().empty());
  }
  caf::anon_send_exit(log, caf::exit_reason::user_shutdown);
}
