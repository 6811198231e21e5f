#include "storage/lane_audit.hpp"

#include "storage/block_reader.hpp"
#include "storage/lane_names.hpp"

#include <algorithm>
#include <rocksdb/snapshot.h>

namespace tidegate {

namespace {

constexpr auto step = std::size_t{4} << 20;

std::string missing_text(const damaged_stretch& damage) {
  return "offsets " + std::to_string(damage.where.first) + " to "
         + std::to_string(damage.where.end - 1)
         + " cannot be read: " + damage.why;
}

/// Counts what is in [from, end) of the lane.
caf::error count(const rocks& db, const rocksdb::Snapshot* moment,
                 lane_audit& audit) {
  const auto& status = audit.lane.status;
  lane_stretch rest{status.id, audit.lane.trimmed, status.cursor, status.next,
                    audit.lane.gaps};
  while (rest.from < rest.end) {
    const auto found = read_blocks(db, rest, {step}, moment);
    if (!found)
      return found.error();
    for (const auto& block : found->blocks) {
      audit.present += block.end() - std::max(block.first, rest.from);
      rest.from = block.end();
    }
    for (const auto& damage : found->damage) {
      audit.missing += damage.where.end - damage.where.first;
      audit.findings.push_back(missing_text(damage));
      rest.from = std::max(rest.from, damage.where.end);
    }
    if (found->blocks.empty() && found->damage.empty())
      break; // only gaps that are known already
  }
  return {};
}

void judge(lane_audit& audit) {
  if (!balanced(audit.lane))
    audit.findings.emplace_back("the counters do not agree with each other");
  const auto& ledger = audit.lane.status.ledger;
  if (audit.present + audit.missing != ledger.pending())
    audit.findings.push_back(std::to_string(ledger.pending())
                             + " messages should be pending, but "
                             + std::to_string(audit.present) + " are there");
  if (audit.lane.dropped && ledger.pending() != 0)
    audit.findings.emplace_back("the lane was dropped with messages in it");
}

} // namespace

caf::expected<std::vector<lane_audit>> audit_lanes(const database& db) {
  const auto open = db.enter();
  if (!open)
    return db.closed();
  rocksdb::ManagedSnapshot moment{open->db.get()};
  auto names = read_lane_names(*open, moment.snapshot());
  if (!names)
    return names.error();
  std::vector<lane_audit> all;
  for (auto& [id, lane] : *names) {
    if (auto error = read_lane_state(*open, lane, moment.snapshot()))
      return error;
    auto& audit = all.emplace_back();
    audit.lane = lane;
    if (!lane.dropped)
      if (auto error = count(*open, moment.snapshot(), audit))
        return error;
    judge(audit);
  }
  return all;
}

} // namespace tidegate
