// How fast does the store take messages, and give them back? One lane,
// payloads of 128 bytes, one group per iteration. The folder is made in the
// current directory, which should lie on a real disk.
#include "storage/lane_store.hpp"

#include <benchmark/benchmark.h>
#include <cstdlib>
#include <filesystem>

using namespace tidegate;

namespace {

block_ptr make_block(std::size_t records) {
  static const auto head = std::make_shared<const message_head>(
    message_head{{"sensor-1", {}}, {{"connectionDeviceId", "sensor-1"}}, {}});
  static const std::string payload(128, 'x');
  block_builder builder{wall_time{}, records * (payload.size() + 4)};
  for (std::size_t i = 0; i < records; ++i)
    builder.add(head, payload);
  return builder.finish();
}

[[noreturn]] void stop(const caf::error& error) {
  std::fprintf(stderr, "%s\n", caf::to_string(error).c_str());
  std::exit(1);
}

/// A store in a folder of its own.
class open_store {
public:
  explicit open_store(durability safety)
    : options_{std::filesystem::current_path() / "bench-store", safety,
               std::uint64_t{64} << 30} {
    std::filesystem::remove_all(options_.path);
    open();
  }
  ~open_store() {
    lanes_.reset();
    db_.reset();
    std::filesystem::remove_all(options_.path);
  }

  void open() {
    lanes_.reset();
    db_.reset();
    auto db = database::open(options_);
    if (!db)
      stop(db.error());
    db_ = *db;
    auto lanes = lane_store::open(db_, options_.path.string() + "-quarantine");
    if (!lanes)
      stop(lanes.error());
    lanes_ = *lanes;
    lane_ = lanes_->open_lane({"iothub", default_priority})->id;
  }

  /// Writes one group of `blocks` appends, with settlements of `done` records.
  void commit(const std::vector<lane_block>& blocks, std::uint32_t done) {
    lane_group group;
    for (const auto& block : blocks)
      group.appends.emplace_back(std::span{&block, 1});
    if (done > 0)
      group.settled.push_back({lane_, settled_, {{done, outcome::delivered}}});
    settled_ += done;
    if (const auto result = lanes_->commit(group); !result)
      stop(result.error());
  }

  void fill(std::uint64_t records, std::size_t per_block) {
    const std::vector<lane_block> blocks{{lane_, make_block(per_block)}};
    for (std::uint64_t i = 0; i < records; i += per_block)
      commit(blocks, 0);
  }

  lane_store& lanes() { return *lanes_; }
  database& db() { return *db_; }
  lane_id lane() const { return lane_; }

private:
  database_options options_;
  database_ptr db_;
  lane_store_ptr lanes_;
  lane_id lane_{};
  std::uint64_t settled_ = 0;
};

/// Arguments: durability, records per group. Blocks of 50 records; a lane
/// that keeps up: each group settles what the one before brought.
void append(benchmark::State& state) {
  open_store store{static_cast<durability>(state.range(0))};
  const auto records = static_cast<std::size_t>(state.range(1));
  const auto per_block = std::min<std::size_t>(records, 50);
  const std::vector<lane_block> blocks(
    records / per_block, lane_block{store.lane(), make_block(per_block)});
  std::uint32_t before = 0;
  std::uint64_t most = 0;
  std::uint64_t round = 0;
  for (auto _ : state) {
    store.commit(blocks, before);
    before = static_cast<std::uint32_t>(records);
    if (++round % 256 == 0) {
      state.PauseTiming();
      most = std::max(most, store.db().size_on_disk());
      if (const auto error = store.lanes().tidy())
        stop(error);
      state.ResumeTiming();
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(1));
  state.counters["folder_MiB"] = static_cast<double>(most >> 20);
}
BENCHMARK(append)
  ->ArgNames({"durability", "records"})
  ->ArgsProduct({{0, 1}, {1, 100, 1000}})
  ->UseRealTime();

/// Arguments: records in the backlog, records per block. Reads and settles
/// all of it, 1 MiB at a time.
void drain(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    open_store store{durability::process};
    store.fill(static_cast<std::uint64_t>(state.range(0)),
               static_cast<std::size_t>(state.range(1)));
    store.open();
    state.ResumeTiming();
    std::uint64_t next = 0;
    while (next < static_cast<std::uint64_t>(state.range(0))) {
      const auto found = store.lanes().read(store.lane(), next, 1 << 20);
      if (!found || found->blocks.empty())
        stop(found ? caf::error{} : found.error());
      const auto end = found->blocks.back().end();
      store.commit({}, static_cast<std::uint32_t>(end - next));
      next = end;
    }
    state.PauseTiming();
    if (const auto error = store.lanes().tidy())
      stop(error);
    state.counters["folder_after_MiB"]
      = static_cast<double>(store.db().size_on_disk() >> 20);
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(drain)
  ->Args({1'000'000, 50})
  ->Args({1'000'000, 1000})
  ->Iterations(1)
  ->UseRealTime()
  ->Unit(benchmark::kMillisecond);

/// Argument: size of the backlog in MiB (blocks of 1000 records).
void open_with_backlog(benchmark::State& state) {
  open_store store{durability::process};
  const auto bytes = static_cast<std::uint64_t>(state.range(0)) << 20;
  store.fill(bytes / 131, 1000);
  for (auto _ : state)
    store.open();
  state.counters["folder_MiB"]
    = static_cast<double>(store.db().size_on_disk() >> 20);
}
BENCHMARK(open_with_backlog)
  ->Arg(1)
  ->Arg(100)
  ->Arg(1000)
  ->Iterations(5)
  ->UseRealTime()
  ->Unit(benchmark::kMillisecond);

} // namespace
