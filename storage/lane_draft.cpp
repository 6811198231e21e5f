#include "storage/lane_draft.hpp"

#include "messages/ec.hpp"
#include "messages/routing/sink.hpp"
#include "storage/block_reader.hpp"
#include "storage/lane_key.hpp"
#include "storage/lane_progress.hpp"

#include <algorithm>

namespace tidegate {

namespace {

/// Done blocks are deleted in steps of this size: large enough to be rare,
/// small enough that blocks of a lane that keeps up are dropped from the write
/// buffer and never reach a file.
constexpr std::uint64_t trim_step = std::uint64_t{1} << 20;

constexpr std::uint64_t smallest_eviction = std::uint64_t{4} << 20;

/// What RocksDB adds to a block: key, lengths, index.
constexpr std::uint64_t block_overhead = 64;

std::uint64_t size_on_disk(std::span<const lane_block> append) {
  auto sum = std::uint64_t{0};
  for (const auto& block : append)
    sum += block.data->encoded().size() + block_overhead;
  return sum;
}

std::string name_of(const lane_record& lane) {
  return lane.status.key.sink + " (priority "
         + std::to_string(lane.status.key.priority) + ')';
}

/// Where the block begins that holds the cursor, as far as it can be read.
std::uint64_t done_end(const rocks& db, const lane_record& lane) {
  const auto& status = lane.status;
  if (status.cursor == status.next)
    return status.next;
  const auto floor = block_key(status.id, lane.trimmed);
  const rocksdb::Slice lower{floor};
  rocksdb::ReadOptions options;
  options.iterate_lower_bound = &lower;
  options.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> it{
    db.db->NewIterator(options, db.family(partition::lanes))};
  it->SeekForPrev(block_key(status.id, status.cursor));
  if (!it->Valid())
    return lane.trimmed;
  return std::min(offset_of(it->key().ToStringView()).value_or(0),
                  status.cursor);
}

} // namespace

lane_draft::lane_draft(const rocks& db,
                       const std::map<lane_id, lane_record>& lanes,
                       const quota& room, refusals& order)
  : db_(db), lanes_(lanes), quota_(room), refusals_(order) {
  for (const auto& [id, lane] : lanes)
    pending_bytes_ += lane.status.bytes;
}

const lane_record* lane_draft::view(lane_id id) const {
  if (const auto found = changed_.find(id); found != changed_.end())
    return &found->second;
  const auto known = lanes_.find(id);
  return known == lanes_.end() || known->second.dropped ? nullptr
                                                        : &known->second;
}

lane_record* lane_draft::edit(lane_id id) {
  const auto* const lane = view(id);
  return lane ? &changed_.try_emplace(id, *lane).first->second : nullptr;
}

void lane_draft::apply(const lane_damaged& damage) {
  auto* const lane = edit(damage.lane);
  if (!lane)
    return;
  const auto before = lane->status;
  if (tidegate::damage(*lane, damage.first, damage.end) == 0)
    return;
  pending_bytes_ -= before.bytes - lane->status.bytes;
  ++lane->quarantined;
  batch_.DeleteRange(db_.family(partition::lanes),
                     block_key(damage.lane, damage.first),
                     block_key(damage.lane, std::min(damage.end, before.next)));
  if (lane->status.cursor != before.cursor)
    result_.moved.push_back({damage.lane, lane->status.cursor});
}

void lane_draft::apply(const settle_lane& settlement) {
  auto* const lane = edit(settlement.lane);
  if (!lane)
    return;
  const auto before = lane->status.bytes;
  const auto gaps = lane->gaps.size();
  if (auto complaint = settle(*lane, settlement.first, settlement.runs);
      !complaint.empty())
    result_.complaints.push_back(name_of(*lane) + ": " + complaint);
  pending_bytes_ -= before - lane->status.bytes;
  if (lane->gaps.size() != gaps)
    result_.moved.push_back({settlement.lane, lane->status.cursor});
}

void lane_draft::trim() {
  for (const auto& [id, lane] : changed_)
    if (lane.untrimmed >= trim_step)
      trim(id);
}

void lane_draft::trim(lane_id id) {
  if (auto* const lane = edit(id))
    delete_blocks(*lane, done_end(db_, *lane));
}

void lane_draft::delete_blocks(lane_record& lane, std::uint64_t end) {
  lane.untrimmed = 0;
  if (end <= lane.trimmed)
    return;
  batch_.DeleteRange(db_.family(partition::lanes),
                     block_key(lane.status.id, lane.trimmed),
                     block_key(lane.status.id, end));
  lane.trimmed = end;
}

void lane_draft::apply(const group_append& append) {
  auto& answer = result_.appends.emplace_back();
  answer.error = check(append);
  if (!answer.error)
    answer.error = make_room(append.blocks, size_on_disk(append.blocks));
  if (answer.error == ec::store_full)
    for (const auto& block : append.blocks)
      block.data->each_route(0, block.data->size(),
                             [&](const std::string& route, std::uint32_t n) {
                               refused_[route] += n;
                             });
  if (answer.error)
    return refusals_.add(append.sender, append.attempt);
  for (const auto& [id, data] : append.blocks) {
    auto& lane = *edit(id);
    const auto bytes = data->encoded().size() + block_overhead;
    const auto first = accept(lane, data->size(), bytes);
    data->each_route(0, data->size(),
                     [&](const std::string& route, std::uint32_t count) {
                       share_of(lane, route).accepted += count;
                     });
    pending_bytes_ += bytes;
    batch_.Put(db_.family(partition::lanes), block_key(id, first),
               data->encoded());
    answer.firsts.push_back(first);
  }
  has_appends_ = true;
}

caf::error lane_draft::check(const group_append& append) const {
  if (refusals_.stands_behind(append.sender, append.attempt))
    return caf::make_error(ec::refused,
                           std::string{"what was sent before was refused"});
  for (const auto& [id, data] : append.blocks) {
    if (!data || data->size() == 0)
      return caf::make_error(ec::bad_argument, std::string{"an empty block"});
    if (!view(id))
      return caf::make_error(ec::lane_gone,
                             "there is no lane "
                               + std::to_string(static_cast<unsigned>(id)));
  }
  return {};
}

way lane_draft::way_of(std::span<const lane_block> append) const {
  const auto leaves = [this](const lane_block& block) {
    return view(block.lane)->status.key.sink == routing::upstream_endpoint;
  };
  return std::all_of(append.begin(), append.end(), leaves) ? way::out
                                                           : way::to_module;
}

caf::error lane_draft::make_room(std::span<const lane_block> append,
                                 std::uint64_t bytes) {
  const auto where = way_of(append);
  const auto excess
    = [&] { return quota_.excess(pending_bytes_, bytes, where); };
  if (excess() == 0)
    return {};
  // No room is made for what would not fit into an empty store.
  if (quota_.excess(0, bytes, where) == 0) {
    std::vector<lane_key> arriving;
    for (const auto& block : append)
      arriving.push_back(view(block.lane)->status.key);
    const eviction_order order{arriving};
    // More than needed, so that few appends have to evict.
    const auto step = std::max(quota_.limit() / 64, smallest_eviction);
    while (excess() > 0 && evict_next(order, excess() + step))
      ;
  }
  if (excess() == 0)
    return {};
  return caf::make_error(
    ec::store_full, "the store has used "
                      + std::to_string(quota_.used(pending_bytes_)) + " of "
                      + std::to_string(quota_.limit()) + " bytes");
}

lane_stretch lane_draft::stored(const lane_record& lane) const {
  const auto end = lanes_.at(lane.status.id).status.next;
  return {lane.status.id, lane.trimmed, lane.status.cursor, end, lane.gaps};
}

bool lane_draft::evict_next(const eviction_order& order, std::uint64_t bytes) {
  const lane_record* first = nullptr;
  auto first_since = wall_time::max();
  for (const auto& entry : lanes_) {
    const auto* const lane = view(entry.first);
    if (!lane || !order.allows(lane->status.key)
        || lane->status.cursor >= entry.second.status.next)
      continue;
    const auto head = read_blocks(db_, stored(*lane), {1});
    if (!head || head->blocks.empty())
      continue;
    const auto since = head->blocks.front().data->enqueued();
    if (!first
        || order.goes_first(lane->status.key, since, first->status.key,
                            first_since)) {
      first = lane;
      first_since = since;
    }
  }
  if (!first)
    return false;
  auto& lane = *edit(first->status.id);
  const auto found = read_blocks(db_, stored(lane), {bytes});
  if (!found || found->blocks.empty())
    return false;
  const auto before = lane.status.bytes;
  for (const auto& [start, data] : found->blocks)
    data->each_route(
      static_cast<std::uint32_t>(std::max(start, lane.status.cursor) - start),
      data->size(), [&](const std::string& route, std::uint32_t count) {
        share_of(lane, route).evicted += count;
      });
  const auto evicted = evict(lane, found->blocks.back().end());
  pending_bytes_ -= before - lane.status.bytes;
  delete_blocks(lane, lane.status.cursor);
  result_.moved.push_back({lane.status.id, lane.status.cursor, evicted});
  has_evictions_ = true;
  return true;
}

void lane_draft::seal() {
  for (const auto& [id, lane] : changed_)
    batch_.Put(db_.family(partition::lanes), state_key(id),
               encode_lane_state(lane));
}

} // namespace tidegate
