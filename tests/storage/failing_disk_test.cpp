#include "support/lane_fixture.hpp"

#include "messages/ec.hpp"
#include "storage/lane_audit.hpp"

#include <random>

using namespace tidegate;

namespace {

struct failing_disk : lane_fixture {
  lane_id id = lane("iothub");
  std::uint64_t acknowledged = 0;

  caf::expected<group_result> try_append() {
    const std::vector<lane_block> blocks{{id, block_of(10, 1000)}};
    lane_group group;
    group.appends.emplace_back(blocks);
    auto result = lanes->commit(group);
    if (!result)
      return result;
    // The quota refuses one append, not the whole group.
    if (const auto& refused = result->appends[0].error)
      return refused;
    acknowledged += 10;
    return result;
  }

  /// Appends until the disk is full.
  caf::error fill() {
    for (int i = 0; i < 10'000; ++i)
      if (auto result = try_append(); !result)
        return result.error();
    return {};
  }

  void check_kept() {
    CHECK(status(id).next == acknowledged);
    CHECK(payloads(id).size() == acknowledged);
    const auto audits = audit_lanes(*db);
    REQUIRE(audits);
    for (const auto& audit : *audits)
      CHECK(audit.balanced());
  }
};

} // namespace

TEST_CASE_METHOD(failing_disk,
                 "what its sender sent behind a failed write is refused",
                 "[disk]") {
  const auto append = [this](std::uint64_t attempt) {
    const std::vector<lane_block> blocks{{id, block_of(10, 1000)}};
    lane_group group;
    group.appends.emplace_back(blocks, 7, attempt);
    return lanes->commit(group);
  };
  disk->set_capacity(disk->used());
  REQUIRE(append(0).error() == ec::store_failed);
  disk->set_capacity(disk->used() + 10'000'000);
  REQUIRE_FALSE(lanes->tidy());
  const auto behind = append(0);
  REQUIRE(behind);
  CHECK(behind->appends[0].error == ec::refused);
  const auto again = append(1);
  REQUIRE(again);
  CHECK_FALSE(again->appends[0].error);
}

TEST_CASE_METHOD(failing_disk, "a full disk fails an append and keeps the rest",
                 "[disk]") {
  try_append();
  disk->set_capacity(disk->used() + 100'000);
  CHECK(fill() == ec::store_failed);
  check_kept();

  SECTION("goes on when there is room again") {
    disk->set_capacity(~std::uint64_t{0});
    CHECK_FALSE(lanes->tidy());
    CHECK(try_append());
    check_kept();
    open();
    check_kept();
  }
  SECTION("fails as long as there is none") {
    // What RocksDB deletes meanwhile must not make room.
    disk->set_capacity(0);
    for (int i = 0; i < 5; ++i) {
      CHECK(try_append().error() == ec::store_failed);
      lanes->tidy();
    }
    disk->set_capacity(~std::uint64_t{0});
    CHECK_FALSE(lanes->tidy());
    CHECK(try_append());
    check_kept();
  }
  SECTION("loses nothing over a restart") {
    open();
    check_kept();
  }
}

TEST_CASE("a disk that is full now and then loses nothing", "[disk]") {
  std::mt19937_64 random{7};
  failing_disk store;
  store.options.quota = smallest_quota;
  store.open();
  for (int i = 0; i < 20; ++i) {
    CAPTURE(i);
    store.disk->set_capacity(store.disk->used() + random() % 1'500'000);
    if (const auto error = store.fill(); error == ec::store_full) {
      break;
    }
    if (random() % 4 == 0)
      static_cast<void>(store.lanes->tidy());
    store.disk->set_capacity(~std::uint64_t{0});
    if (random() % 4 == 0)
      store.open();
    for (int tries = 0; store.lanes->tidy(); ++tries)
      REQUIRE(tries < 100);
    store.check_kept();
  }
}
