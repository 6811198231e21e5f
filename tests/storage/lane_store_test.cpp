#include "support/lane_fixture.hpp"

#include "messages/ec.hpp"

using namespace tidegate;

namespace {

using texts = std::vector<std::string>;

constexpr auto mebibyte = std::uint64_t{1} << 20;

} // namespace

TEST_CASE_METHOD(lane_fixture, "a lane gives back what was appended, in order",
                 "[lanes]") {
  const auto id = lane("iothub");
  CHECK(append(id, block_of({"a", "b"})).firsts == std::vector{0ul});
  CHECK(append(id, block_of({"c"})).firsts == std::vector{2ul});
  CHECK(payloads(id) == texts{"a", "b", "c"});
  SECTION("from any offset") { CHECK(payloads(id, 1) == texts{"b", "c"}); }
  SECTION("also after opening again") {
    open();
    CHECK(payloads(id) == texts{"a", "b", "c"});
    CHECK(append(id, block_of({"d"})).firsts == std::vector{3ul});
  }
}

TEST_CASE_METHOD(lane_fixture, "one group reaches several lanes", "[lanes]") {
  const auto a = lane("a");
  const auto b = lane("b");
  const std::vector<lane_block> both{
    {a, block_of({"1"})}, {b, block_of({"2"})}, {a, block_of({"3"})}};
  lane_group group;
  group.appends.emplace_back(both);
  CHECK(commit(group).appends.at(0).firsts == std::vector{0ul, 0ul, 1ul});
  CHECK(payloads(a) == texts{"1", "3"});
  CHECK(payloads(b) == texts{"2"});
}

TEST_CASE_METHOD(lane_fixture, "a lane keeps its number for ever", "[lanes]") {
  const auto a = lane("a");
  const auto b = lane("b");
  CHECK(lane("a") == a);
  open();
  CHECK(lane("b") == b);
  CHECK(lanes->lanes().size() == 2);
  SECTION("and a dropped lane's number is not used again") {
    REQUIRE_FALSE(lanes->drop_lane(b));
    open();
    CHECK(lane("b") > b);
  }
}

TEST_CASE_METHOD(lane_fixture, "settled messages move the cursor and count",
                 "[lanes]") {
  const auto id = lane("iothub");
  append(id, block_of({"a", "b", "c", "d"}));
  settle(id, 0, {{1, outcome::delivered}, {1, outcome::expired}});
  settle(id, 2, {{1, outcome::rejected}});
  open();
  const auto now = status(id);
  CHECK(now.cursor == 3);
  CHECK(now.ledger == lane_ledger{4, 1, 1, 0, 1, 0});
  CHECK(now.ledger.pending() == 1);
  CHECK(payloads(id, now.cursor) == texts{"d"});
}

TEST_CASE_METHOD(lane_fixture, "a settlement ahead of the cursor is refused",
                 "[lanes]") {
  const auto id = lane("iothub");
  append(id, block_of({"a", "b"}));
  const auto result = settle(id, 1, {{1, outcome::delivered}});
  CHECK(result.complaints
        == texts{"iothub (priority 2000000000): settled from offset 1, but "
                 "the cursor is at 0"});
  CHECK(status(id).cursor == 0);
}

TEST_CASE_METHOD(lane_fixture, "reading stops near the size asked for",
                 "[lanes]") {
  const auto id = lane("iothub");
  for (int i = 0; i < 10; ++i)
    append(id, block_of(10, 100));
  CHECK(read(id, 0, 1).blocks.size() == 1);
  CHECK(read(id, 35, 2500).blocks.size() == 3);
  CHECK(read(id, 35, 2500).blocks.at(0).first == 30);
  CHECK(read(id, 100, 2500).blocks.empty());
}

TEST_CASE_METHOD(lane_fixture, "an unknown lane takes and gives nothing",
                 "[lanes]") {
  const auto id = lane("iothub");
  append(id, block_of({"a"}));
  REQUIRE_FALSE(lanes->drop_lane(id));
  CHECK(append(id, block_of({"b"})).error == ec::lane_gone);
  CHECK(append(lane_id{99}, block_of({"b"})).error == ec::lane_gone);
  CHECK(lanes->drop_lane(id) == ec::lane_gone);
  const auto nothing = lanes->read(id, 0, 1);
  REQUIRE_FALSE(nothing);
  CHECK(nothing.error() == ec::lane_gone);
  SECTION("but keeps its ledger") {
    open();
    REQUIRE(lanes->records().size() == 1);
    CHECK(lanes->records()[0].dropped);
    CHECK(lanes->records()[0].status.ledger == lane_ledger{1, 0, 0, 1, 0, 0});
  }
}

TEST_CASE_METHOD(lane_fixture, "an empty block is refused", "[lanes]") {
  const auto id = lane("iothub");
  CHECK(append(id, block_of(texts{})).error == ec::bad_argument);
  CHECK(append(id, nullptr).error == ec::bad_argument);
  CHECK(status(id).next == 0);
}

TEST_CASE_METHOD(lane_fixture, "a refused append leaves the others alone",
                 "[lanes]") {
  const auto id = lane("iothub");
  const std::vector<lane_block> good{{id, block_of({"a"})}};
  const std::vector<lane_block> bad{{id, block_of({"b"})},
                                    {lane_id{99}, block_of({"c"})}};
  lane_group group;
  group.appends = {group_append{good}, group_append{bad}, group_append{good}};
  const auto result = commit(group);
  CHECK_FALSE(result.appends[0].error);
  CHECK(result.appends[1].error == ec::lane_gone);
  CHECK(result.appends[2].firsts == std::vector{1ul});
  CHECK(payloads(id) == texts{"a", "a"});
}

TEST_CASE_METHOD(lane_fixture,
                 "what its sender sent behind a refused append is refused",
                 "[lanes]") {
  const auto id = lane("iothub");
  const std::vector<lane_block> good{{id, block_of({"a"})}};
  const std::vector<lane_block> bad{{lane_id{99}, block_of({"b"})}};
  lane_group group;
  group.appends = {group_append{bad, 7, 0}, group_append{good, 7, 0},
                   group_append{good, 8, 0}};
  auto result = commit(group);
  CHECK(result.appends[1].error == ec::refused);
  CHECK_FALSE(result.appends[2].error);
  SECTION("in later groups as well, until the sender knows") {
    group.appends = {group_append{good, 7, 0}};
    CHECK(commit(group).appends[0].error == ec::refused);
    group.appends = {group_append{good, 7, 1}, group_append{bad, 7, 1},
                     group_append{good, 7, 1}};
    result = commit(group);
    CHECK_FALSE(result.appends[0].error);
    CHECK(result.appends[2].error == ec::refused);
  }
  SECTION("until the sender is forgotten") {
    lanes->forget(7);
    group.appends = {group_append{good, 7, 0}};
    CHECK_FALSE(commit(group).appends[0].error);
  }
}

TEST_CASE("a full store refuses what it cannot keep", "[lanes]") {
  lane_fixture store;
  store.options.quota = 64 * mebibyte;
  store.open();
  const auto id = store.lane("iothub");
  auto taken = std::uint64_t{0};
  caf::error error;
  while (!error && taken < 200) {
    error = store.append(id, block_of(1, mebibyte)).error;
    taken += error ? 0 : 1;
    store.tidy();
  }
  CHECK(error == ec::store_full);
  CHECK(store.lanes->refused() == 1);
  CHECK(taken > 32);
  CHECK(store.db->size_on_disk() <= 64 * mebibyte);
  SECTION("but settlements are written, and make room") {
    CHECK(store.settle(id, 0, {{32, outcome::delivered}}).complaints.empty());
    CHECK_FALSE(store.append(id, block_of(1, mebibyte)).error);
  }
}

TEST_CASE("what waits for modules leaves room for what leaves the node",
          "[lanes]") {
  lane_fixture store;
  store.options.quota = 64 * mebibyte;
  store.open();
  const auto out = store.lane("iothub");
  const auto inputs = store.lane("edge-1/filter/in");
  const auto fill = [&](lane_id id) {
    auto taken = std::uint64_t{0};
    while (!store.append(id, block_of(1, mebibyte)).error && taken < 200) {
      ++taken;
      store.tidy();
    }
    return taken;
  };
  const auto waiting = fill(inputs);
  CHECK(waiting > 24);
  const auto left = fill(out);
  CHECK(left > 8);
  // The uplink is back: devices would fill what it frees with new inputs.
  store.settle(out, 0, {{static_cast<std::uint32_t>(left)}});
  store.tidy();
  fill(inputs);
  SECTION("so a module can always get rid of what it got") {
    CHECK_FALSE(store.append(out, block_of(1, mebibyte)).error);
  }
  SECTION("a message for both has to fit where there is less") {
    const std::vector<lane_block> both{{out, block_of(1, mebibyte)},
                                       {inputs, block_of(1, mebibyte)}};
    lane_group group;
    group.appends = {group_append{both}};
    CHECK(store.commit(group).appends[0].error == ec::store_full);
  }
}

TEST_CASE("a lane that may drop loses its oldest blocks, counted", "[lanes]") {
  lane_fixture store;
  store.options.quota = 64 * mebibyte;
  store.open();
  const auto id = store.lane("iothub", on_full::drop_oldest);
  auto evicted = std::uint64_t{0};
  for (int i = 0; i < 120; ++i) {
    const std::vector<lane_block> blocks{{id, block_of(1, mebibyte)}};
    lane_group group;
    group.appends.emplace_back(blocks);
    const auto result = store.commit(group);
    REQUIRE_FALSE(result.appends.at(0).error);
    for (const auto& moved : result.moved)
      evicted = moved.cursor;
    if (i % 10 == 0)
      store.tidy();
  }
  const auto now = store.status(id);
  CHECK(evicted == now.cursor);
  CHECK(now.ledger.evicted == now.cursor);
  CHECK(now.ledger.pending() > 16);
  CHECK(store.payloads(id).size() == now.ledger.pending());
  CHECK(store.db->size_on_disk() <= 64 * mebibyte);
}
