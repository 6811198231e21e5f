#include "storage/lane_store.hpp"

#include "messages/ec.hpp"
#include "storage/block_reader.hpp"
#include "storage/lane_draft.hpp"
#include "storage/lane_key.hpp"
#include "storage/lane_names.hpp"
#include "storage/lane_progress.hpp"
#include "storage/lane_weight.hpp"
#include "storage/tuning.hpp"

#include <algorithm>
#include <rocksdb/snapshot.h>
#include <string>
#include <utility>

namespace tidegate {

namespace {

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
  const auto open = db_->enter();
  if (!open)
    return db_->closed();
  auto found = read_lane_names(*open);
  if (!found)
    return found.error();
  by_key_.clear();
  for (auto& [id, lane] : *found) {
    if (auto error = read_lane_state(*open, lane))
      return error;
    next_id_ = std::max(next_id_, static_cast<std::uint32_t>(id) + 1);
    if (!lane.dropped)
      by_key_.emplace(lane.status.key, id);
  }
  // What was recovered from the log.
  std::uint64_t recovered = 0;
  open->db->GetIntProperty(open->family(partition::lanes),
                           rocksdb::DB::Properties::kCurSizeActiveMemTable,
                           &recovered);
  unflushed_ = recovered;
  {
    const std::lock_guard lock{mutex_};
    lanes_ = std::move(*found);
  }
  measure();
  return {};
}

caf::error lane_store::write(const rocks& open, rocksdb::WriteBatch& batch,
                             const rocksdb::WriteOptions& how) {
  auto error = db_->write(open, batch, how);
  failed_ = static_cast<bool>(error);
  if (failed_)
    return error;
  unflushed_ += batch.GetDataSize();
  // Should this fail, so will the next write.
  if (unflushed_ >= flush_step(db_->options()) && !db_->flush(open))
    unflushed_ = 0;
  return {};
}

void lane_store::publish(lane_map changed) {
  const std::lock_guard lock{mutex_};
  for (auto& [id, lane] : changed)
    lanes_[id] = std::move(lane);
}

caf::expected<lane_status> lane_store::open_lane(const lane_key& key) {
  if (const auto known = by_key_.find(key); known != by_key_.end())
    return lanes_.at(known->second).status;
  const auto open = db_->enter();
  if (!open)
    return db_->closed();
  lane_record lane;
  lane.status.id = lane_id{next_id_};
  lane.status.key = key;
  rocksdb::WriteBatch batch;
  batch.Put(open->family(partition::meta), lane_name_key(lane.status.id),
            encode_lane_name(lane));
  if (auto error = write(*open, batch, database::synced()))
    return error;
  ++next_id_;
  by_key_.emplace(key, lane.status.id);
  publish({{lane.status.id, lane}});
  return lane.status;
}

caf::error lane_store::drop_lane(lane_id id) {
  const auto known = lanes_.find(id);
  if (known == lanes_.end() || known->second.dropped)
    return gone(id);
  const auto open = db_->enter();
  if (!open)
    return db_->closed();
  auto lane = known->second;
  auto* const lanes = open->family(partition::lanes);
  rocksdb::WriteBatch batch;
  batch.DeleteRange(lanes, block_key(id, lane.trimmed), state_key(id));
  evict(lane, lane.status.next);
  lane.dropped = true;
  lane.trimmed = lane.status.next;
  lane.untrimmed = 0;
  batch.Put(open->family(partition::meta), lane_name_key(id),
            encode_lane_name(lane));
  batch.Put(lanes, state_key(id), encode_lane_state(lane));
  if (auto error = write(*open, batch, database::synced()))
    return error;
  by_key_.erase(lane.status.key);
  publish({{id, lane}});
  return {};
}

caf::expected<group_result> lane_store::commit(const lane_group& group) {
  auto result = try_commit(group);
  if (!result)
    for (const auto& append : group.appends)
      refusals_.add(append.sender, append.attempt);
  return result;
}

caf::expected<group_result> lane_store::try_commit(const lane_group& group) {
  const auto open = db_->enter();
  if (!open)
    return db_->closed();
  lane_draft draft{*open, lanes_, quota_, refusals_};
  for (const auto& damage : group.damaged)
    draft.apply(damage);
  for (const auto& settlement : group.settled)
    draft.apply(settlement);
  draft.trim();
  for (const auto& append : group.appends)
    draft.apply(append);
  draft.seal();
  if (draft.batch().Count() > 0)
    if (auto error = write(*open, draft.batch(),
                           draft.has_appends() ? db_->safe() : db_->relaxed()))
      return error;
  idle_ = idle_ && !draft.has_appends();
  count_refused(draft.refused());
  publish(std::move(draft.changed()));
  // The group is stored; should this fail, the next `tidy` says so.
  if (draft.has_evictions() && !reclaim(*open, true))
    measure();
  return std::move(draft.result());
}

void lane_store::count_refused(
  const std::map<std::string, std::uint64_t>& more) {
  if (more.empty())
    return;
  const std::lock_guard lock{mutex_};
  for (const auto& [route, count] : more)
    refused_[route] += count;
}

std::map<std::string, std::uint64_t> lane_store::refused_by_route() const {
  const std::lock_guard lock{mutex_};
  return refused_;
}

std::uint64_t lane_store::refused() const {
  const std::lock_guard lock{mutex_};
  auto sum = std::uint64_t{0};
  for (const auto& [route, count] : refused_)
    sum += count;
  return sum;
}

caf::error lane_store::sync() {
  const auto open = db_->enter();
  return open ? db_->sync(*open) : db_->closed();
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
  if (const auto known = lane(id); !known)
    return known.error();
  const auto open = db_->enter();
  if (!open)
    return db_->closed();
  // Cursor and blocks as of one moment: what the writer trims meanwhile must
  // not look like damage.
  rocksdb::ManagedSnapshot moment{open->db.get()};
  lane_record now;
  now.status.id = id;
  if (auto error = read_lane_state(*open, now, moment.snapshot()))
    return error;
  const lane_stretch stretch{id, now.trimmed, std::max(from, now.status.cursor),
                             now.status.next, now.gaps};
  auto found = read_blocks(*open, stretch, {max_bytes, most_blocks_read},
                           moment.snapshot());
  if (!found)
    return found.error();
  read_result result{std::move(found->blocks), {}};
  for (const auto& [where, remains, why] : found->damage) {
    quarantine_.keep(id, where.first, remains, why);
    result.damaged.push_back({id, where.first, where.end});
  }
  return result;
}

caf::expected<std::uint64_t> lane_store::weigh(lane_id id, std::uint64_t from,
                                               std::uint64_t end) const {
  const auto open = db_->enter();
  if (!open)
    return db_->closed();
  return weigh_blocks(*open, id, from, end);
}

caf::expected<std::uint64_t> lane_store::newest(lane_id id,
                                                std::uint64_t bytes) const {
  const auto now = lane(id);
  if (!now)
    return now.error();
  const auto open = db_->enter();
  if (!open)
    return db_->closed();
  return newest_blocks(*open, id, now->cursor, now->next, bytes);
}

} // namespace tidegate
