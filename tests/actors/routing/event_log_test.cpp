#include "actors/routing/event_log.hpp"
#include "support/deterministic.hpp"
#include "support/memory_store.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

/// A log of blocks of ten events; time passes on the wall as it does, unless a
/// test moves that clock.
struct log_fixture : deterministic {
  memory_store memory;
  store_actor store = memory.spawn_store(sys);
  lane_reader_actor reader = memory.spawn_reader(sys);
  wall_time now{std::chrono::hours{24 * 365 * 50}};
  elapsed_time elapsed{1h};
  event_log_actor log;

  ~log_fixture() {
    for (const auto& handle : {caf::actor_cast<caf::actor>(store),
                               caf::actor_cast<caf::actor>(reader),
                               caf::actor_cast<caf::actor>(log)})
      caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
    run();
  }

  void start(log_retention retention) {
    log
      = sys.spawn(event_log,
                  route_context{store, reader, nullptr, [this] { return now; },
                                [this] { return elapsed; }},
                  retention);
    self->send(log, add_lane{lane().id});
    run();
  }

  const lane_status& lane() { return memory.of({"iothub", 5}).status; }

  static block_ptr block(wall_time at, elapsed_time expires = never_expires) {
    static const auto head = std::make_shared<const message_head>();
    block_builder builder{at};
    for (int i = 0; i < 10; ++i)
      builder.add(head, std::string(100, 'x'), expires);
    return builder.finish();
  }

  static std::uint64_t block_size() { return block({})->encoded().size(); }

  void append(block_ptr what) {
    self->send(store, tidegate::append{1, {{lane().id, std::move(what)}}, {}});
    run();
  }
  void append(int blocks) {
    for (int i = 0; i < blocks; ++i)
      append(block(now));
  }

  void live(std::chrono::seconds span) {
    for (; span > 0s; span -= 30s) {
      now += 30s;
      turn();
    }
  }

  /// As `live`, while the wall clock stands.
  void turn() {
    elapsed += 30s;
    pass(30s);
  }

  event_log_status status() {
    return *ask<event_log_status>(log, get_event_log_status{});
  }
  caf::expected<events_trimmed> trim(trim_events wish) {
    return ask<events_trimmed>(log, wish);
  }
};

} // namespace

TEST_CASE_METHOD(log_fixture, "without retention events stay", "[events]") {
  append(3);
  start({});
  append(3);
  live(24h);
  CHECK(lane().cursor == 0);
  CHECK(status().next == 60);
}

TEST_CASE_METHOD(log_fixture, "events that are too old count as expired",
                 "[events]") {
  append(3);
  start({0, 1h});
  live(30min);
  append(3);
  live(31min);
  CHECK(lane().cursor == 0); // a step of it is not worth while
  live(2min);
  CHECK(lane().cursor == 30);
  CHECK(lane().ledger.expired == 30);
  CHECK(status().oldest_time == now - 33min);
  live(32min);
  CHECK(lane().ledger.expired == 60);
}

TEST_CASE_METHOD(log_fixture, "no block is read while the oldest may stay",
                 "[events]") {
  append(3);
  start({1u << 30, 24h});
  live(1min);
  const auto before = memory.reads;
  append(20);
  live(1h);
  CHECK(memory.reads == before);
}

TEST_CASE_METHOD(log_fixture, "a clock that steps takes no events along",
                 "[events]") {
  start({0, 1h});
  SECTION("forward") {
    append(3);
    now += 24h;
    turn();
    CHECK(lane().cursor == 0);
    now -= 24h;
    live(2h);
    CHECK(lane().cursor == 30);
  }
  SECTION("from long ago") {
    const auto right = now;
    now = wall_time{};
    append(3);
    now = right;
    append(3);
    live(30min);
    CHECK(lane().cursor == 0);
    live(1h);
    CHECK(lane().cursor == 60);
  }
}

TEST_CASE_METHOD(log_fixture,
                 "a clock that steps takes no events of an earlier start along",
                 "[events]") {
  append(3);
  start({0, 24h});
  live(1min);
  now += 25h;
  live(50min);
  CHECK(lane().cursor == 0);
  SECTION("when it steps back") {
    now -= 25h;
    live(23h);
    CHECK(lane().cursor == 0);
    live(2h);
    CHECK(lane().cursor == 30);
  }
  SECTION("until it has stayed so for an hour") {
    live(15min);
    CHECK(lane().cursor == 30);
  }
}

TEST_CASE_METHOD(log_fixture, "a log that is too large gives way in a step",
                 "[events]") {
  append(10);
  start({32 * block_size(), {}});
  append(22);
  CHECK(lane().cursor == 0);
  append(1);
  CHECK(lane().cursor == 20);
  CHECK(lane().ledger.evicted == 20);
  CHECK(status().bytes <= 32 * block_size());
  append(1);
  CHECK(lane().cursor == 20);
  SECTION("which is not the quota's doing") { CHECK(status().dropped == 0); }
  SECTION("and a reader behind goes on at what is left") {
    const auto page = ask<events_page>(log, read_events{3, 1 << 20, 0ms});
    CHECK(page->oldest == 20);
    CHECK(page->blocks.front().first == 20);
  }
}

TEST_CASE_METHOD(log_fixture, "expired messages go page by page", "[events]") {
  append(block(now, elapsed + 1h));
  append(block(now, elapsed + 1h));
  append(block(now));
  append(block(now, elapsed + 1h));
  start({});
  live(59min);
  CHECK(lane().cursor == 0);
  live(2min);
  CHECK(lane().cursor == 20);
  CHECK(lane().ledger.expired == 20);
}

TEST_CASE_METHOD(log_fixture, "an operator trims the log", "[events]") {
  append(2);
  start({});
  now += 1h;
  append(2);
  trim_events wish;
  SECTION("by time") {
    wish.before = now;
    const auto done = trim(wish);
    REQUIRE(done);
    CHECK(done->from == 0);
    CHECK(done->to == 20);
    CHECK(done->bytes == 2 * block_size());
    CHECK(lane().cursor == 20);
    CHECK(lane().ledger.evicted == 20);
  }
  SECTION("by offset") {
    wish.to_offset = 13;
    CHECK(trim(wish)->to == 13);
    CHECK(lane().cursor == 13);
    CHECK(trim(wish)->from == 13); // once more, nothing
    CHECK(lane().ledger.evicted == 13);
  }
  SECTION("by size") {
    wish.keep = block_size();
    CHECK(trim(wish)->to == 30);
    CHECK(lane().cursor == 30);
  }
  SECTION("wholly") {
    wish.keep = 0;
    CHECK(trim(wish)->to == 40);
    const auto left = status();
    CHECK(left.oldest == 40);
    CHECK_FALSE(left.oldest_time);
  }
  SECTION("only to see") {
    wish.keep = 0;
    wish.dry_run = true;
    CHECK(trim(wish)->to == 40);
    CHECK(lane().cursor == 0);
  }
  SECTION("never beyond its end") {
    wish.to_offset = 41;
    CHECK(trim(wish).error() == ec::bad_argument);
    CHECK(lane().cursor == 0);
  }
}

TEST_CASE_METHOD(log_fixture, "what the quota pushed out is counted",
                 "[events]") {
  append(2);
  start({});
  self->send(log, lane_evicted{lane().id, 13, 13});
  run();
  self->send(log, lane_evicted{lane().id, 15, 0}); // could not be read
  run();
  const auto now_there = status();
  CHECK(now_there.oldest == 15);
  CHECK(now_there.dropped == 13);
}
