#include "storage/lane_record.hpp"

#include "messages/binary.hpp"

#include <utility>

namespace tidegate {

namespace {

constexpr std::uint8_t name_version = 1;
/// The first one had no routes.
constexpr std::uint8_t state_version = 2;
/// The least that one takes; bounds what a count may claim.
constexpr std::size_t smallest_share = 3;

/// The fields of the state part in the order they are written.
template <class Lane, class Visitor>
void each_number(Lane& lane, Visitor visit) {
  visit(lane.status.cursor);
  visit(lane.status.next);
  visit(lane.status.bytes);
  visit(lane.status.ledger.accepted);
  visit(lane.status.ledger.delivered);
  visit(lane.status.ledger.expired);
  visit(lane.status.ledger.evicted);
  visit(lane.status.ledger.rejected);
  visit(lane.status.ledger.damaged);
  visit(lane.trimmed);
  visit(lane.untrimmed);
  visit(lane.quarantined);
}

} // namespace

std::string encode_lane_name(const lane_record& lane) {
  std::string text(1, static_cast<char>(name_version));
  put_text(text, lane.status.key.sink);
  put_varint(text, lane.status.key.priority);
  text.push_back(static_cast<char>(lane.status.key.full));
  text.push_back(lane.dropped ? '\1' : '\0');
  return text;
}

std::string encode_lane_state(const lane_record& lane) {
  std::string text(1, static_cast<char>(state_version));
  each_number(lane, [&text](std::uint64_t value) { put_varint(text, value); });
  put_varint(text, lane.gaps.size());
  for (const auto& gap : lane.gaps) {
    put_varint(text, gap.first);
    put_varint(text, gap.end);
  }
  put_varint(text, lane.routes.size());
  for (const auto& share : lane.routes) {
    put_text(text, share.route);
    put_varint(text, share.accepted);
    put_varint(text, share.evicted);
  }
  return text;
}

std::optional<lane_record> decode_lane_name(lane_id id, std::string_view text) {
  binary_reader in{text};
  if (in.u8() != name_version)
    return std::nullopt;
  lane_record lane;
  lane.status.id = id;
  lane.status.key.sink = in.text();
  lane.status.key.priority = static_cast<std::uint32_t>(in.varint());
  const auto full = in.u8();
  lane.dropped = in.u8() != 0;
  if (!in.ok() || in.left() != 0 || full >= on_full_names.size())
    return std::nullopt;
  lane.status.key.full = static_cast<on_full>(full);
  return lane;
}

bool decode_lane_state(std::string_view text, lane_record& lane) {
  binary_reader in{text};
  const auto version = in.u8();
  if (version < 1 || version > state_version)
    return false;
  auto read = lane;
  each_number(read, [&in](std::uint64_t& value) { value = in.varint(); });
  read.gaps.resize(in.count(2));
  for (auto& gap : read.gaps) {
    gap.first = in.varint();
    gap.end = in.varint();
  }
  read.routes.resize(version == 1 ? 0 : in.count(smallest_share));
  for (auto& share : read.routes) {
    share.route = in.text();
    share.accepted = in.varint();
    share.evicted = in.varint();
  }
  if (!in.ok() || in.left() != 0 || !balanced(read))
    return false;
  lane = std::move(read);
  return true;
}

bool balanced(const lane_record& lane) {
  const auto& [id, key, cursor, next, bytes, ledger] = lane.status;
  if (lane.trimmed > cursor || cursor > next || ledger.accepted != next
      || ledger.done() > ledger.accepted)
    return false;
  auto damaged_ahead = std::uint64_t{0};
  auto position = cursor;
  for (const auto& gap : lane.gaps) {
    if (gap.first <= position || gap.end <= gap.first || gap.end > next)
      return false;
    position = gap.end;
    damaged_ahead += gap.end - gap.first;
  }
  return ledger.done() == cursor + damaged_ahead;
}

} // namespace tidegate
