#include "storage/lane_weight.hpp"

#include "storage/database.hpp"
#include "storage/lane_key.hpp"

#include <string>

namespace tidegate {

namespace {

/// What the write buffers can hold and more: only files are estimated well.
constexpr std::uint64_t walked_bytes = std::uint64_t{64} << 20;

/// The blocks of a stretch, from the last to the first.
class backward_walk {
public:
  backward_walk(const rocks& db, lane_id lane, std::uint64_t from,
                std::uint64_t end)
    : lower_{block_key(lane, from)}, upper_{block_key(lane, end)} {
    rocksdb::ReadOptions options;
    options.iterate_lower_bound = &lower_bound_;
    options.iterate_upper_bound = &upper_bound_;
    options.fill_cache = false;
    at_.reset(db.db->NewIterator(options, db.family(partition::lanes)));
    at_->SeekToLast();
  }

  bool done() const { return !at_->Valid(); }
  rocksdb::Status status() const { return at_->status(); }
  std::uint64_t first() const {
    return offset_of(at_->key().ToStringView()).value_or(0);
  }
  std::uint64_t size() const { return at_->key().size() + at_->value().size(); }
  void step() { at_->Prev(); }

private:
  std::string lower_;
  std::string upper_;
  rocksdb::Slice lower_bound_{lower_};
  rocksdb::Slice upper_bound_{upper_};
  std::unique_ptr<rocksdb::Iterator> at_;
};

caf::expected<std::uint64_t> estimate(const rocks& db, lane_id lane,
                                      std::uint64_t from, std::uint64_t end) {
  const auto first = block_key(lane, from);
  const auto last = block_key(lane, end);
  const rocksdb::Range range{first, last};
  rocksdb::SizeApproximationOptions how;
  how.include_memtables = true;
  how.include_files = true;
  std::uint64_t size = 0;
  const auto status = db.db->GetApproximateSizes(
    how, db.family(partition::lanes), &range, 1, &size);
  if (!status.ok())
    return store_error("weigh a lane", status);
  return size;
}

} // namespace

caf::expected<std::uint64_t> weigh_blocks(const rocks& db, lane_id lane,
                                          std::uint64_t from,
                                          std::uint64_t end) {
  if (from >= end)
    return std::uint64_t{0};
  const auto about = estimate(db, lane, from, end);
  if (!about || *about > walked_bytes)
    return about;
  backward_walk walk{db, lane, from, end};
  auto sum = std::uint64_t{0};
  for (; !walk.done(); walk.step())
    sum += walk.size();
  if (!walk.status().ok())
    return about; // damage is for those who read
  return sum;
}

caf::expected<std::uint64_t> newest_blocks(const rocks& db, lane_id lane,
                                           std::uint64_t from,
                                           std::uint64_t end,
                                           std::uint64_t bytes) {
  const auto whole = weigh_blocks(db, lane, from, end);
  if (!whole)
    return whole;
  if (*whole <= bytes)
    return from;
  if (bytes <= walked_bytes) {
    auto found = end;
    auto sum = std::uint64_t{0};
    for (backward_walk walk{db, lane, from, end}; !walk.done(); walk.step()) {
      sum += walk.size();
      if (sum > bytes)
        break;
      found = walk.first();
    }
    return found;
  }
  // What lies before `low` is too much to keep, what lies behind `high` not.
  auto low = from;
  auto high = end;
  while (low < high) {
    const auto middle = low + (high - low) / 2;
    const auto rest = estimate(db, lane, middle, end);
    if (!rest)
      return rest;
    if (*rest <= bytes)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

} // namespace tidegate
