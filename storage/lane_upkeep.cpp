// The part of the lane store that keeps its folder small.
#include "storage/lane_draft.hpp"
#include "storage/lane_key.hpp"
#include "storage/lane_store.hpp"

#include <rocksdb/convenience.h>
#include <utility>

namespace tidegate {

namespace {

/// An idle store in which nothing is pending is made smaller than this.
constexpr std::uint64_t idle_size = std::uint64_t{8} << 20;

} // namespace

caf::error lane_store::tidy() {
  if (failed_) {
    if (auto error = db_->recover())
      return error;
    // A write that was said to have failed may have been kept.
    if (auto error = load())
      return error;
    failed_ = false;
  }
  const auto open = db_->enter();
  if (!open)
    return db_->closed();
  if (auto error = trim_idle(*open))
    return error;
  auto error = reclaim(*open, wants_thorough_reclaim());
  idle_ = true;
  measure();
  return error;
}

caf::error lane_store::trim_idle(const rocks& open) {
  lane_draft draft{open, lanes_, quota_, refusals_};
  for (const auto& [id, lane] : lanes_)
    if (!lane.dropped && lane.untrimmed > 0
        && lane.status.cursor == lane.status.next)
      draft.trim(id);
  draft.seal();
  if (draft.batch().Count() == 0)
    return {};
  if (auto error = write(open, draft.batch(), db_->relaxed()))
    return error;
  publish(std::move(draft.changed()));
  return {};
}

bool lane_store::wants_thorough_reclaim() const {
  const auto pending = pending_bytes();
  return quota_.tight(pending)
         || (idle_ && pending == 0 && quota_.measured() > idle_size);
}

caf::error lane_store::reclaim(const rocks& open, bool thorough) {
  std::vector<lane_id> found;
  for (const auto& [id, lane] : lanes_)
    if (auto& upto = (thorough ? compacted_ : reclaimed_)[id];
        std::exchange(upto, lane.trimmed) != lane.trimmed)
      found.push_back(id);
  if (found.empty())
    return {};
  // Files vanish at once: what says that they may has to be safe first.
  if (auto error = db_->sync(open))
    return error;
  auto* const family = open.family(partition::lanes);
  for (const auto id : found) {
    const auto first = block_key(id, 0);
    const auto last = block_key(id, lanes_.at(id).trimmed);
    const rocksdb::Slice from{first};
    const rocksdb::Slice to{last};
    auto status
      = rocksdb::DeleteFilesInRange(open.db.get(), family, &from, &to, false);
    if (status.ok() && thorough)
      status = open.db->CompactRange({}, family, &from, &to);
    if (!status.ok())
      return store_error("delete files that are done with", status);
  }
  return {};
}

void lane_store::measure() {
  const auto size = db_->size_on_disk() + quarantine_.size();
  const auto pending = pending_bytes();
  const std::lock_guard lock{mutex_};
  quota_.measure(size, pending);
}

std::uint64_t lane_store::pending_bytes() const {
  auto sum = std::uint64_t{0};
  for (const auto& [id, lane] : lanes_)
    sum += lane.status.bytes;
  return sum;
}

std::uint64_t lane_store::used() const {
  const std::lock_guard lock{mutex_};
  return quota_.used(pending_bytes());
}

} // namespace tidegate
