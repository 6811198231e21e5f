#include "storage/lane_store.hpp"

#include "messages/ec.hpp"
#include "storage/lane_draft.hpp"
#include "storage/lane_key.hpp"
#include "storage/lane_names.hpp"
#include "storage/lane_progress.hpp"

#include <algorithm>
#include <rocksdb/convenience.h>
#include <rocksdb/snapshot.h>
#include <utility>

namespace tidegate {

namespace {

/// Files are looked at for deletion when this much of them may be done with.
constexpr std::uint64_t reclaim_step = std::uint64_t{1} << 20;

caf::error gone(lane_id lane) {
  return caf::make_error(ec::lane_gone,
                         "there is no lane "
                           + std::to_string(static_cast<std::uint32_t>(lane)));
}

} // namespace

lane_store::lane_store(database_ptr db, std::filesystem::path quarantined)
  : db_(std::move(db)), quarantine_(std::move(quarantined)),
    quota_(db_->options().quota) {}

caf::expected<std::shared_ptr<lane_store>>
lane_store::open(database_ptr db, std::filesystem::path quarantined) {
  const std::shared_ptr<lane_store> result{
    new lane_store{std::move(db), std::move(quarantined)}};
  if (auto error = result->load())
    return error;
  return result;
}

caf::error lane_store::load() {
  auto names = read_lane_names(*db_);
  if (!names)
    return names.error();
  lanes_ = std::move(*names);
  auto pending = std::uint64_t{0};
  for (auto& [id, lane] : lanes_) {
    if (auto error = read_lane_state(*db_, lane))
      return error;
    next_id_ = std::max(next_id_, static_cast<std::uint32_t>(id) + 1);
    pending += lane.status.bytes;
    if (!lane.dropped)
      by_key_.emplace(lane.status.key, id);
  }
  quota_.measure(db_->size_on_disk() + quarantine_.size(), pending);
  return {};
}

caf::expected<lane_status> lane_store::open_lane(const lane_key& key,
                                                 on_full full) {
  const auto known = by_key_.find(key);
  const auto is_new = known == by_key_.end();
  lane_record lane;
  if (!is_new)
    lane = lanes_.at(known->second);
  if (!is_new && lane.status.full == full)
    return lane.status;
  lane.status.id = is_new ? lane_id{next_id_} : known->second;
  lane.status.key = key;
  lane.status.full = full;
  rocksdb::WriteBatch batch;
  batch.Put(db_->family(partition::meta), lane_name_key(lane.status.id),
            encode_lane_name(lane));
  if (auto error = write(batch, db_->safe()))
    return error;
  const std::lock_guard lock{mutex_};
  if (is_new)
    ++next_id_;
  by_key_.emplace(key, lane.status.id);
  lanes_[lane.status.id] = lane;
  return lane.status;
}

caf::error lane_store::drop_lane(lane_id id) {
  const auto known = lanes_.find(id);
  if (known == lanes_.end() || known->second.dropped)
    return gone(id);
  auto lane = known->second;
  const auto blocks_from = lane.trimmed;
  evict(lane, lane.status.next);
  lane.dropped = true;
  lane.trimmed = lane.status.next;
  lane.untrimmed = 0;
  rocksdb::WriteBatch batch;
  batch.Put(db_->family(partition::meta), lane_name_key(id),
            encode_lane_name(lane));
  batch.DeleteRange(db_->family(partition::lanes), block_key(id, blocks_from),
                    state_key(id));
  batch.Put(db_->family(partition::lanes), state_key(id),
            encode_lane_state(lane));
  if (auto error = write(batch, db_->safe()))
    return error;
  const std::lock_guard lock{mutex_};
  by_key_.erase(lane.status.key);
  lanes_[id] = std::move(lane);
  return {};
}

caf::expected<group_result> lane_store::commit(const lane_group& group) {
  lane_draft draft{*db_, lanes_, quota_};
  if (failed_)
    draft.erase_leftovers();
  for (const auto& damage : group.damaged)
    draft.apply(damage);
  for (const auto& settlement : group.settled)
    draft.apply(settlement);
  draft.trim();
  for (const auto& append : group.appends)
    draft.apply(append);
  draft.seal();
  if (draft.batch().Count() > 0)
    if (auto error = write(draft.batch(),
                           draft.has_appends() ? db_->safe() : db_->relaxed()))
      return error;
  const std::lock_guard lock{mutex_};
  for (auto& [id, lane] : draft.changed())
    lanes_[id] = std::move(lane);
  return std::move(draft.result());
}

caf::error lane_store::write(rocksdb::WriteBatch& batch,
                             rocksdb::WriteOptions how) {
  const auto written = db_->rocks().Write(how, &batch);
  failed_ = !written.ok();
  if (failed_)
    return store_error("write to the store " + db_->options().path.string(),
                       written);
  return {};
}

caf::error lane_store::tidy() {
  if (failed_)
    if (const auto status = db_->recover(); !status.ok())
      return store_error(
        "use the store " + db_->options().path.string() + " again", status);
  if (auto error = trim_idle())
    return error;
  auto error = reclaim();
  auto pending = std::uint64_t{0};
  for (const auto& [id, lane] : lanes_)
    pending += lane.status.bytes;
  const auto size = db_->size_on_disk() + quarantine_.size();
  const std::lock_guard lock{mutex_};
  quota_.measure(size, pending);
  return error;
}

caf::error lane_store::trim_idle() {
  lane_draft draft{*db_, lanes_, quota_};
  if (failed_)
    draft.erase_leftovers();
  for (const auto& [id, lane] : lanes_)
    if (!lane.dropped && lane.untrimmed > 0
        && lane.status.cursor == lane.status.next)
      draft.trim(id);
  draft.seal();
  if (draft.batch().Count() == 0)
    return {};
  if (auto error = write(draft.batch(), db_->relaxed()))
    return error;
  const std::lock_guard lock{mutex_};
  for (auto& [id, lane] : draft.changed())
    lanes_[id] = std::move(lane);
  return {};
}

caf::error lane_store::reclaim() {
  auto* const family = db_->family(partition::lanes);
  auto synced = false;
  for (const auto& [id, lane] : lanes_) {
    auto& looked_at = reclaimed_[id];
    if (looked_at == lane.trimmed)
      continue;
    const auto first = block_key(id, 0);
    const auto last = block_key(id, lane.trimmed);
    const rocksdb::Range done{first, last};
    auto size = std::uint64_t{0};
    db_->rocks().GetApproximateSizes({}, family, &done, 1, &size);
    if (size >= reclaim_step) {
      // Files vanish at once: what says that they may has to be safe first.
      if (!std::exchange(synced, true))
        if (auto error = sync())
          return error;
      const rocksdb::Slice from{first};
      const rocksdb::Slice to{last};
      const auto deleted
        = rocksdb::DeleteFilesInRange(&db_->rocks(), family, &from, &to, false);
      if (!deleted.ok())
        return store_error("delete done files", deleted);
    }
    looked_at = lane.trimmed;
  }
  return {};
}

caf::error lane_store::sync() {
  if (const auto status = db_->sync(); !status.ok())
    return store_error("sync the store " + db_->options().path.string(),
                       status);
  return {};
}

std::vector<lane_status> lane_store::lanes() const {
  const std::lock_guard lock{mutex_};
  std::vector<lane_status> all;
  for (const auto& [id, lane] : lanes_)
    if (!lane.dropped)
      all.push_back(lane.status);
  return all;
}

std::vector<lane_record> lane_store::records() const {
  const std::lock_guard lock{mutex_};
  std::vector<lane_record> all;
  for (const auto& [id, lane] : lanes_)
    all.push_back(lane);
  return all;
}

caf::expected<lane_status> lane_store::lane(lane_id id) const {
  const std::lock_guard lock{mutex_};
  const auto known = lanes_.find(id);
  if (known == lanes_.end() || known->second.dropped)
    return gone(id);
  return known->second.status;
}

caf::expected<lane_store::read_result>
lane_store::read(lane_id id, std::uint64_t from, std::size_t max_bytes) const {
  auto status = lane(id);
  if (!status)
    return status.error();
  // Cursor and blocks as of one moment: what the writer trims meanwhile must
  // not look like damage.
  rocksdb::ManagedSnapshot moment{&db_->rocks()};
  lane_record now;
  now.status.id = id;
  if (auto error = read_lane_state(*db_, now, moment.snapshot()))
    return error;
  const lane_stretch stretch{id, now.trimmed, std::max(from, now.status.cursor),
                             now.status.next, now.gaps};
  auto found = read_blocks(*db_, stretch, max_bytes, moment.snapshot());
  if (!found)
    return found.error();
  read_result result{std::move(found->blocks), {}};
  for (const auto& [where, remains, why] : found->damage) {
    quarantine_.keep(id, where.first, remains, why);
    result.damaged.push_back({id, where.first, where.end});
  }
  return result;
}

std::uint64_t lane_store::used() const {
  const std::lock_guard lock{mutex_};
  auto pending = std::uint64_t{0};
  for (const auto& [id, lane] : lanes_)
    pending += lane.status.bytes;
  return quota_.used(pending);
}

} // namespace tidegate
