#include "storage/eviction_order.hpp"
#include "storage/lane_progress.hpp"
#include "support/lane_fixture.hpp"

#include <array>
#include <catch2/catch.hpp>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

constexpr auto mebibyte = std::uint64_t{1} << 20;

lane_key key(std::uint32_t priority, on_full full) {
  return {"iothub", priority, full};
}

/// A small store that `filler` has filled until it was refused, or has begun
/// to lose its oldest messages.
struct full_store : lane_fixture {
  explicit full_store(const lane_key& filler) {
    options.quota = 64 * mebibyte;
    open();
    filled = lane(filler);
    for (int i = 0; i < 100 && status(filled).ledger.evicted == 0
                    && !append(filled, block_of(1, mebibyte)).error;
         ++i)
      tidy();
    held = status(filled).ledger.pending();
  }

  bool takes(const lane_key& into) {
    return !append(lane(into), block_of(1, mebibyte)).error;
  }

  std::uint64_t evicted() const {
    std::uint64_t sum = 0;
    for (const auto& known : lanes->lanes())
      sum += known.ledger.evicted;
    return sum;
  }

  lane_id filled{};
  std::uint64_t held = 0;
};

} // namespace

TEST_CASE("who may push out whom", "[lanes]") {
  const auto allowed = [](const lane_key& from, const lane_key& arriving) {
    return may_evict(from, arriving);
  };
  for (const auto full :
       {on_full::reject, on_full::drop_oldest, on_full::drop_lowest_priority}) {
    INFO(to_string(full));
    CHECK_FALSE(allowed(key(9, on_full::reject), key(0, full)));
    CHECK(allowed(key(9, on_full::drop_oldest), key(0, full)));
    CHECK(allowed(key(9, on_full::drop_lowest_priority), key(9, full)));
    CHECK_FALSE(allowed(key(0, on_full::drop_lowest_priority), key(1, full)));
    CHECK(allowed(key(0, on_full::drop_oldest), key(9, full))
          == (full == on_full::drop_oldest));
  }
}

TEST_CASE("the lowest priority gives way first, then the oldest", "[lanes]") {
  const auto low = key(9, on_full::drop_lowest_priority);
  const auto high = key(1, on_full::drop_oldest);
  const wall_time old{1ms};
  const wall_time young{9ms};
  SECTION("for what is not only drop-oldest") {
    const std::array arriving{key(0, on_full::reject),
                              key(1, on_full::drop_oldest)};
    const eviction_order order{arriving};
    CHECK(order.goes_first(low, young, high, old));
    CHECK_FALSE(order.goes_first(high, old, low, young));
    CHECK(order.goes_first(low, old, low, young));
    CHECK(order.allows(low));
    CHECK_FALSE(order.allows(key(9, on_full::reject)));
  }
  SECTION("while drop-oldest goes by age alone") {
    const std::array arriving{key(0, on_full::drop_oldest)};
    const eviction_order order{arriving};
    CHECK(order.goes_first(high, old, low, young));
  }
}

TEST_CASE("bulk telemetry gives way to alarms, and alarms to nothing",
          "[lanes]") {
  const auto bulk
    = GENERATE(on_full::drop_oldest, on_full::drop_lowest_priority);
  full_store store{key(9, bulk)};
  const auto alarms = key(0, on_full::reject);
  REQUIRE(store.held > 16);
  for (std::uint64_t i = 0; i + 4 < store.held; ++i) {
    INFO(i);
    REQUIRE(store.takes(alarms));
    store.tidy();
  }
  CHECK(store.evicted() > 0);
  const auto kept = store.status(store.lane(alarms));
  CHECK(kept.ledger.pending() == kept.ledger.accepted);
  SECTION("also when more bulk comes than fits") {
    for (int i = 0; i < 200; ++i) {
      store.takes(key(9, bulk));
      store.tidy();
    }
    CHECK(store.status(store.lane(alarms)).ledger.evicted == 0);
    CHECK(store.db->size_on_disk() <= 64 * mebibyte);
  }
  SECTION("and when alarms fill the store, they are refused, not lost") {
    for (int i = 0; i < 200 && store.takes(alarms); ++i)
      store.tidy();
    CHECK_FALSE(store.takes(alarms));
    CHECK(store.status(store.lane(alarms)).ledger.evicted == 0);
  }
}

TEST_CASE("a lower priority pushes out nothing", "[lanes]") {
  full_store store{key(1, on_full::drop_lowest_priority)};
  const auto before = store.evicted();
  // What the last eviction has freed is everybody's.
  for (int i = 0; i < 64 && store.takes(key(9, on_full::reject)); ++i)
    store.tidy();
  CHECK_FALSE(store.takes(key(9, on_full::drop_lowest_priority)));
  CHECK_FALSE(store.takes(key(9, on_full::reject)));
  CHECK(store.evicted() == before);
  CHECK(store.takes(key(0, on_full::reject)));
  CHECK(store.evicted() > before);
}

TEST_CASE("what a reject route has stored is never pushed out", "[lanes]") {
  full_store store{key(9, on_full::reject)};
  for (const auto full :
       {on_full::reject, on_full::drop_oldest, on_full::drop_lowest_priority})
    CHECK_FALSE(store.takes(key(0, full)));
  CHECK(store.evicted() == 0);
}

TEST_CASE("a lane counts what each route brought and lost", "[lanes]") {
  lane_fixture store;
  store.options.quota = 64 * mebibyte;
  store.open();
  const auto id = store.lane(key(9, on_full::drop_oldest));
  const auto head = std::make_shared<const message_head>();
  const auto of = [&](const char* route) {
    block_builder builder{wall_time{}};
    builder.add(head, std::string(mebibyte, 'x'), never_expires, route);
    builder.add(head, "y", never_expires, "both");
    return builder.finish();
  };
  for (int i = 0; i < 80; ++i) {
    REQUIRE_FALSE(store.append(id, of(i % 2 ? "odd" : "even")).error);
    store.tidy();
  }
  store.open(); // it is on disk
  const auto records = store.lanes->records();
  REQUIRE(records.size() == 1);
  const auto& shares = records[0].routes;
  REQUIRE(shares.size() == 3);
  auto accepted = std::uint64_t{0};
  auto evicted = std::uint64_t{0};
  for (const auto& share : shares) {
    CHECK(share.accepted == (share.route == "both" ? 80 : 40));
    CHECK(share.evicted > 0);
    accepted += share.accepted;
    evicted += share.evicted;
  }
  CHECK(accepted == records[0].status.ledger.accepted);
  CHECK(evicted == records[0].status.ledger.evicted);
  SECTION("and the store what it refused of each") {
    const auto kept = store.lane(key(0, on_full::reject));
    for (int i = 0; i < 100; ++i)
      store.append(kept, of("alarms"));
    const auto refused = store.lanes->refused_by_route();
    CHECK(refused.at("alarms") > 0);
    CHECK(refused.at("alarms") + refused.at("both") == store.lanes->refused());
  }
}

TEST_CASE("more routes than are counted apart count together", "[lanes]") {
  lane_record lane;
  for (std::size_t i = 0; i < most_route_shares + 10; ++i)
    ++share_of(lane, "r" + std::to_string(i)).accepted;
  CHECK(lane.routes.size() == most_route_shares + 1);
  CHECK(lane.routes.back() == route_share{std::string{other_routes}, 10, 0});
  ++share_of(lane, "r0").accepted;
  CHECK(lane.routes.front().accepted == 2);
}
