#include "storage/lane_names.hpp"

#include "messages/ec.hpp"
#include "storage/database.hpp"
#include "storage/lane_key.hpp"

#include <charconv>

namespace tidegate {

namespace {

constexpr std::string_view name_prefix = "lane/";
constexpr std::size_t id_digits = 8;

std::optional<lane_id> id_of(std::string_view key) {
  const auto digits = key.substr(name_prefix.size());
  std::uint32_t id = 0;
  const auto* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, id, 16);
  if (digits.size() != id_digits || read.ptr != end)
    return std::nullopt;
  return lane_id{id};
}

caf::error damaged(std::string_view what, lane_id lane) {
  return caf::make_error(ec::store_damaged,
                         std::string{what} + " of lane "
                           + std::to_string(static_cast<std::uint32_t>(lane))
                           + " is not well formed");
}

} // namespace

std::string lane_name_key(lane_id lane) {
  char digits[id_digits];
  const auto end = std::to_chars(digits, digits + id_digits,
                                 static_cast<std::uint32_t>(lane), 16)
                     .ptr;
  const std::string_view text{digits, static_cast<std::size_t>(end - digits)};
  return std::string{name_prefix} + std::string(id_digits - text.size(), '0')
         + std::string{text};
}

caf::expected<std::map<lane_id, lane_record>>
read_lane_names(const rocks& db, const rocksdb::Snapshot* at) {
  rocksdb::ReadOptions options;
  options.snapshot = at;
  const std::unique_ptr<rocksdb::Iterator> it{
    db.db->NewIterator(options, db.family(partition::meta))};
  std::map<lane_id, lane_record> lanes;
  for (it->Seek(name_prefix); it->Valid() && it->key().starts_with(name_prefix);
       it->Next()) {
    const auto id = id_of(it->key().ToStringView());
    if (!id)
      return caf::make_error(ec::store_damaged,
                             "a lane's name is under a key that is none");
    const auto lane = decode_lane_name(*id, it->value().ToStringView());
    if (!lane)
      return damaged("the name", *id);
    lanes.emplace(*id, *lane);
  }
  if (!it->status().ok())
    return store_error("read the names of the lanes", it->status());
  return lanes;
}

caf::error read_lane_state(const rocks& db, lane_record& lane,
                           const rocksdb::Snapshot* at) {
  rocksdb::ReadOptions options;
  options.snapshot = at;
  rocksdb::PinnableSlice text;
  const auto read = db.db->Get(options, db.family(partition::lanes),
                               state_key(lane.status.id), &text);
  if (read.IsNotFound())
    return {};
  if (!read.ok())
    return store_error("read the state of a lane", read);
  if (!decode_lane_state(text.ToStringView(), lane))
    return damaged("the state", lane.status.id);
  return {};
}

} // namespace tidegate
