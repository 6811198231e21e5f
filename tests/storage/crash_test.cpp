#include "support/lane_fixture.hpp"

#include "storage/lane_audit.hpp"

#include <cstdlib>
#include <random>

using namespace tidegate;

namespace {

/// What the store must hold of one lane.
struct expected_lane {
  lane_id id{};
  /// Every message acknowledged so far, by offset.
  std::vector<std::string> accepted;
  /// Messages of the group that failed: kept or not, but all or none.
  std::vector<std::string> doubtful;
  std::uint64_t cursor = 0;
  /// The cursor as of the last synced write.
  std::uint64_t safe_cursor = 0;

  auto id_text() const { return static_cast<unsigned>(id); }
};

/// Random work on a few lanes, until the node dies or all is done.
class workload {
public:
  workload(lane_fixture& store, std::mt19937_64& random)
    : store_{store}, random_{random} {
    for (const auto* sink : {"iothub", "edge-1/a/in", "edge-1/b/in"})
      lanes.push_back({store.lane(sink), {}, {}, 0, 0});
  }

  void run(int steps) {
    for (int i = 0; i < steps && !store_.disk->dead(); ++i)
      step();
  }

  /// Compares what came back after a crash, and goes on from there. What was
  /// acknowledged must be there if `all_kept`.
  void check_recovered(bool all_kept) {
    auto groups_kept = 0;
    auto groups_lost = 0;
    for (auto& lane : lanes) {
      const auto now = store_.status(lane.id);
      if (all_kept) {
        REQUIRE(now.next >= lane.accepted.size());
        REQUIRE(now.cursor >= lane.safe_cursor);
      }
      if (!lane.doubtful.empty())
        ++(now.next > lane.accepted.size() ? groups_kept : groups_lost);
      lane.accepted.insert(lane.accepted.end(), lane.doubtful.begin(),
                           lane.doubtful.end());
      lane.doubtful.clear();
      REQUIRE(now.next <= lane.accepted.size());
      lane.accepted.resize(now.next);
      REQUIRE(now.cursor <= std::max(lane.cursor, lane.safe_cursor));
      lane.cursor = lane.safe_cursor = now.cursor;
      check_payloads(lane);
    }
    REQUIRE((groups_kept == 0 || groups_lost == 0));
    const auto audits = audit_lanes(*store_.db);
    REQUIRE(audits);
    for (const auto& audit : *audits) {
      CAPTURE(audit.findings);
      REQUIRE(audit.balanced());
    }
  }

  std::vector<expected_lane> lanes;

private:
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

  void check_payloads(const expected_lane& lane) {
    const auto found = store_.payloads(lane.id, lane.cursor);
    REQUIRE(found.size() == lane.accepted.size() - lane.cursor);
    for (std::size_t i = 0; i < found.size(); ++i)
      if (found[i] != lane.accepted[lane.cursor + i])
        FAIL("lane " << lane.id_text() << ", offset " << lane.cursor + i);
  }

  void step() {
    const auto what = below(10);
    if (what < 6)
      commit(1 + below(3), below(2));
    else if (what < 9)
      commit(0, 1 + below(2));
    else
      static_cast<void>(store_.lanes->tidy());
  }

  block_ptr make_block() {
    std::vector<std::string> payloads(1 + below(20));
    for (auto& payload : payloads)
      payload = std::to_string(++serial_)
                + std::string(below(4) == 0 ? below(8000) : below(100), '.');
    return block_of(payloads);
  }

  void commit(std::uint64_t appends, std::uint64_t settlements) {
    std::vector<std::vector<lane_block>> blocks(appends);
    lane_group group;
    for (std::uint64_t i = 0; i < settlements; ++i)
      if (auto settled = settle(lanes[below(lanes.size())]);
          settled.runs.size())
        group.settled.push_back(settled);
    for (auto& entry : blocks) {
      for (auto count = 1 + below(2); count > 0; --count)
        entry.push_back({lanes[below(lanes.size())].id, make_block()});
      group.appends.emplace_back(entry);
    }
    REQUIRE(store_.lanes->commit(group));
    // Its sender has heard of it only if the node lived until then.
    const auto acknowledged = !store_.disk->dead();
    for (const auto& entry : blocks)
      for (const auto& block : entry)
        remember(block, acknowledged);
    if (acknowledged && appends > 0)
      for (auto& lane : lanes)
        lane.safe_cursor = lane.cursor;
  }

  settle_lane settle(expected_lane& lane) {
    const auto pending = lane.accepted.size() - lane.cursor;
    if (pending == 0)
      return {};
    const auto count = 1 + below(pending);
    const auto first = std::exchange(lane.cursor, lane.cursor + count);
    return {
      lane.id,
      first,
      {{static_cast<std::uint32_t>(count), static_cast<outcome>(below(3))}}};
  }

  void remember(const lane_block& block, bool acknowledged) {
    for (auto& lane : lanes)
      if (lane.id == block.lane)
        for (std::uint32_t i = 0; i < block.data->size(); ++i)
          (acknowledged ? lane.accepted : lane.doubtful)
            .emplace_back(block.data->payload(i));
  }

  lane_fixture& store_;
  std::mt19937_64& random_;
  std::uint64_t serial_ = 0;
};

enum class crash { process, power };

/// Several lives of one store, each ended by a crash at a random moment.
void live_and_crash(std::uint64_t seed, durability safety, crash kind,
                    bool all_kept) {
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  lane_fixture store;
  store.options.safety = safety;
  store.options.quota = smallest_quota;
  store.open();
  workload work{store, random};
  for (int life = 0; life < 4; ++life) {
    CAPTURE(life);
    store.disk->die_after(random() % 400);
    work.run(60);
    store.disk->die_after(0);
    store.lanes.reset();
    store.db.reset();
    if (kind == crash::power)
      store.disk->lose_power(random);
    else
      store.disk->restart();
    store.open();
    work.check_recovered(all_kept);
  }
}

/// How many seeds, and from which on: `TIDEGATE_SEEDS=1000 TIDEGATE_SEED=7`.
void each_seed(std::uint64_t usually,
               const std::function<void(std::uint64_t)>& run) {
  const auto number = [](const char* name, std::uint64_t otherwise) {
    const auto* text = std::getenv(name);
    return text ? std::strtoull(text, nullptr, 10) : otherwise;
  };
  const auto first = number("TIDEGATE_SEED", 1);
  const auto count = number("TIDEGATE_SEEDS", usually);
  for (auto seed = first; seed < first + count; ++seed)
    run(seed);
}

} // namespace

TEST_CASE("no acknowledged message is lost when the power fails", "[crash]") {
  each_seed(100, [](auto seed) {
    live_and_crash(seed, durability::power, crash::power, true);
  });
}

TEST_CASE("no acknowledged message is lost when the process crashes",
          "[crash]") {
  each_seed(20, [](auto seed) {
    live_and_crash(seed, durability::process, crash::process, true);
  });
}

TEST_CASE("whatever is lost, the ledger balances", "[crash]") {
  SECTION("after a power cut, with the log not synced") {
    each_seed(20, [](auto seed) {
      live_and_crash(seed, durability::process, crash::power, false);
    });
  }
  SECTION("after a crash, without a log") {
    each_seed(20, [](auto seed) {
      live_and_crash(seed, durability::none, crash::power, false);
    });
  }
}
