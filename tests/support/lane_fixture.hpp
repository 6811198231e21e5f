#pragma once

#include "storage/database.hpp"
#include "storage/lane_store.hpp"
#include "support/lossy_disk.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <memory>
#include <rocksdb/env.h>
#include <string>
#include <thread>
#include <vector>

namespace tidegate {

/// Why an expected value is none, for the report of a failed test.
template <class T>
std::string why(const caf::expected<T>& result) {
  return result ? std::string{} : caf::to_string(result.error());
}

/// A folder that vanishes with its owner.
class temporary_folder {
public:
  temporary_folder() {
    auto name
      = (std::filesystem::temp_directory_path() / "tidegate-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()));
    path_ = name;
  }
  ~temporary_folder() { std::filesystem::remove_all(path_); }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

/// A store on files in memory, which can be closed and opened again.
struct lane_fixture {
  std::shared_ptr<lossy_disk> disk = std::make_shared<lossy_disk>();
  std::unique_ptr<rocksdb::Env> files = environment_on(disk);
  temporary_folder quarantined;
  database_options options{"/store", durability::power, std::uint64_t{1} << 30,
                           false, files.get()};
  database_ptr db;
  lane_store_ptr lanes;

  lane_fixture() { open(); }

  void open() {
    lanes.reset();
    db.reset();
    auto opened = database::open(options);
    INFO(why(opened));
    REQUIRE(opened);
    db = *opened;
    auto store = lane_store::open(db, quarantined.path() / "quarantine");
    INFO(why(store));
    REQUIRE(store);
    lanes = *store;
  }

  lane_id lane(const std::string& sink, on_full full = on_full::reject) {
    return lane(lane_key{sink, default_priority, full});
  }

  lane_id lane(const lane_key& key) {
    auto opened = lanes->open_lane(key);
    INFO(why(opened));
    REQUIRE(opened);
    return opened->id;
  }

  /// Tidies up once RocksDB has nothing else to do: what compaction takes for
  /// a while would be counted as used, more or less of it by chance.
  void tidy() {
    using properties = rocksdb::DB::Properties;
    {
      const auto rocks = db->enter();
      REQUIRE(rocks);
      const auto any = [&](const std::string& what) {
        std::uint64_t count = 0;
        REQUIRE(rocks->db->GetIntProperty(rocks->family(partition::lanes), what,
                                          &count));
        return count > 0;
      };
      while (any(properties::kMemTableFlushPending)
             || any(properties::kNumRunningFlushes)
             || any(properties::kCompactionPending)
             || any(properties::kNumRunningCompactions))
        std::this_thread::yield();
    }
    REQUIRE_FALSE(lanes->tidy());
  }

  lane_status status(lane_id id) const {
    auto found = lanes->lane(id);
    INFO(why(found));
    REQUIRE(found);
    return *found;
  }

  group_result commit(const lane_group& group) {
    auto result = lanes->commit(group);
    INFO(why(result));
    REQUIRE(result);
    return *result;
  }

  append_result append(lane_id lane, block_ptr data) {
    const std::vector<lane_block> blocks{{lane, std::move(data)}};
    lane_group group;
    group.appends.emplace_back(blocks);
    return commit(group).appends.at(0);
  }

  group_result settle(lane_id lane, std::uint64_t first,
                      std::vector<settled_run> runs) {
    lane_group group;
    group.settled.push_back({lane, first, std::move(runs)});
    return commit(group);
  }

  lane_store::read_result read(lane_id lane, std::uint64_t from = 0,
                               std::size_t max_bytes = 1 << 30) const {
    auto result = lanes->read(lane, from, max_bytes);
    INFO(why(result));
    REQUIRE(result);
    return *result;
  }

  /// The payloads from offset `from` on.
  std::vector<std::string> payloads(lane_id lane,
                                    std::uint64_t from = 0) const {
    std::vector<std::string> all;
    const auto end = status(lane).next;
    while (from < end) {
      const auto found = read(lane, from);
      for (const auto& [first, data] : found.blocks)
        for (std::uint32_t i = 0; i < data->size(); ++i)
          if (first + i >= from)
            all.emplace_back(data->payload(i));
      if (found.blocks.empty())
        break;
      from = found.blocks.back().end();
    }
    return all;
  }
};

/// A block with these payloads.
inline block_ptr block_of(const std::vector<std::string>& payloads,
                          wall_time enqueued = {}) {
  static const auto head = std::make_shared<const message_head>(
    message_head{{"edge-1", {}}, {}, {}});
  block_builder builder{enqueued};
  for (const auto& payload : payloads)
    builder.add(head, payload);
  return builder.finish();
}

/// A block of `count` payloads of `size` bytes.
inline block_ptr block_of(std::size_t count, std::size_t size) {
  return block_of(std::vector<std::string>(count, std::string(size, 'x')));
}

} // namespace tidegate
