#include "messages/block.hpp"

#include "messages/binary.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace tidegate {

namespace {

// Where the fields of the header are; see the format in block.hpp.
constexpr std::size_t header_size = 32;
constexpr std::size_t checksum_at = 4;
constexpr std::size_t checked_from = 12;
constexpr std::size_t enqueued_at = 12;
constexpr std::size_t records_at = 20;
constexpr std::size_t heads_at = 24;
constexpr std::size_t head_table_at = 28;
constexpr std::string_view magic{"TB\x02\x00", 4};
constexpr std::string_view first_magic{"TB\x01\x00", 4};

// The least that an entry can take; bounds what a count may claim.
constexpr std::size_t smallest_property = 2;
constexpr std::size_t smallest_head = 5;
constexpr std::size_t smallest_record = 2;

/// How far back `add` looks for a head it has seen. A batch of one sender has
/// one or two; looking further costs more than it saves.
constexpr std::size_t head_window = 32;

std::uint64_t checksum(std::string_view encoded) {
  const auto checked = encoded.substr(checked_from);
  return XXH3_64bits(checked.data(), checked.size());
}

void put_properties(std::string& out, const std::vector<property>& all) {
  put_varint(out, all.size());
  for (const auto& [name, value] : all) {
    put_text(out, name);
    put_varint(out, value ? value->size() + 1 : 0);
    if (value)
      out.append(*value);
  }
}

void put_head(std::string& out, const block::shared_head& entry) {
  put_text(out, entry.head->sender.device);
  put_text(out, entry.head->sender.module);
  put_properties(out, entry.head->system);
  put_properties(out, entry.head->user);
  const auto expires = entry.expires.time_since_epoch().count();
  put_varint(
    out, entry.expires == never_expires
           ? 0
           : static_cast<std::uint64_t>(std::max<std::int64_t>(expires, 1)));
  put_text(out, entry.route);
}

std::vector<property> take_properties(binary_reader& in) {
  std::vector<property> all(in.count(smallest_property));
  for (auto& [name, value] : all) {
    name = in.text();
    if (const auto size = in.varint(); size > 0)
      value = in.take(size - 1);
  }
  return all;
}

block::shared_head take_head(binary_reader& in, bool has_route) {
  auto head = std::make_shared<message_head>();
  head->sender.device = in.text();
  head->sender.module = in.text();
  head->system = take_properties(in);
  head->user = take_properties(in);
  const auto expires = in.varint();
  constexpr auto latest
    = static_cast<std::uint64_t>(never_expires.time_since_epoch().count());
  const auto time = elapsed_time{std::chrono::milliseconds{
    static_cast<std::int64_t>(std::min(expires, latest))}};
  return {std::move(head), expires == 0 ? never_expires : time,
          std::string{has_route ? in.text() : ""}};
}

} // namespace

block_builder::block_builder(wall_time enqueued, std::size_t expected_bytes)
  : enqueued_(enqueued) {
  encoded_.reserve(header_size + expected_bytes);
  encoded_.resize(header_size);
}

void block_builder::add(const head_ptr& head, std::string_view payload,
                        elapsed_time expires, std::string_view route) {
  if (payload.size() > max_block_size - std::min(max_block_size, bytes()))
    throw std::length_error{"a block cannot hold more than 1 GiB"};
  const auto index = head_index(head, expires, route);
  put_varint(encoded_, index);
  put_varint(encoded_, payload.size());
  records_.push_back({index, static_cast<std::uint32_t>(encoded_.size()),
                      static_cast<std::uint32_t>(payload.size())});
  encoded_.append(payload);
}

std::uint32_t block_builder::head_index(const head_ptr& head,
                                        elapsed_time expires,
                                        std::string_view route) {
  const auto oldest = heads_.size() - std::min(heads_.size(), head_window);
  for (auto i = heads_.size(); i-- > oldest;)
    if (heads_[i].head == head && heads_[i].expires == expires
        && heads_[i].route == route)
      return static_cast<std::uint32_t>(i);
  heads_.push_back({head, expires, std::string{route}});
  return static_cast<std::uint32_t>(heads_.size() - 1);
}

block_ptr block_builder::finish() {
  const auto head_table = static_cast<std::uint32_t>(encoded_.size());
  auto result = std::make_shared<block>();
  for (const auto& entry : heads_) {
    put_head(encoded_, entry);
    result->can_expire_ |= entry.expires != never_expires;
  }
  auto* const header = encoded_.data();
  magic.copy(header, magic.size());
  put_u64(header + enqueued_at,
          static_cast<std::uint64_t>(enqueued_.time_since_epoch().count()));
  put_u32(header + records_at, size());
  put_u32(header + heads_at, static_cast<std::uint32_t>(heads_.size()));
  put_u32(header + head_table_at, head_table);
  put_u64(header + checksum_at, checksum(encoded_));
  result->encoded_ = std::move(encoded_);
  result->heads_ = std::move(heads_);
  result->records_ = std::move(records_);
  result->enqueued_ = enqueued_;
  return result;
}

block_ptr decode_block(std::string encoded, std::string& why) {
  const auto damaged = [&why](std::string_view what) -> block_ptr {
    why = what;
    return nullptr;
  };
  const std::string_view all = encoded;
  if (all.size() < header_size)
    return damaged("the block is shorter than its header");
  if (all.substr(0, 2) != magic.substr(0, 2))
    return damaged("the block does not start with its mark");
  const bool has_routes = all.starts_with(magic);
  if (!has_routes && !all.starts_with(first_magic))
    return damaged("the block has an unknown format version");
  binary_reader header{all.substr(checksum_at, header_size - checksum_at)};
  if (header.u64() != checksum(all))
    return damaged("the checksum of the block is wrong");
  auto result = std::make_shared<block>();
  result->enqueued_ = wall_time{
    std::chrono::milliseconds{static_cast<std::int64_t>(header.u64())}};
  const std::size_t records = header.u32();
  const std::size_t heads = header.u32();
  const std::size_t head_table = header.u32();
  if (head_table < header_size || head_table > all.size())
    return damaged("the head table lies outside the block");

  binary_reader tail{all.substr(head_table)};
  if (heads > tail.left() / smallest_head)
    return damaged("there are fewer heads than the block says");
  result->heads_.reserve(heads);
  for (std::size_t i = 0; i < heads && tail.ok(); ++i) {
    result->heads_.push_back(take_head(tail, has_routes));
    result->can_expire_ |= result->heads_.back().expires != never_expires;
  }
  if (!tail.ok() || tail.left() != 0)
    return damaged("the head table is not well formed");

  binary_reader body{all.substr(header_size, head_table - header_size)};
  if (records > body.left() / smallest_record)
    return damaged("there are fewer records than the block says");
  result->records_.reserve(records);
  for (std::size_t i = 0; i < records && body.ok(); ++i) {
    const auto head = body.varint();
    const auto size = body.varint();
    const auto offset = head_table - body.left();
    body.take(size);
    if (head >= heads)
      return damaged("a record names a head that is not there");
    result->records_.push_back({static_cast<std::uint32_t>(head),
                                static_cast<std::uint32_t>(offset),
                                static_cast<std::uint32_t>(size)});
  }
  if (!body.ok() || body.left() != 0)
    return damaged("the records are not well formed");
  result->encoded_ = std::move(encoded);
  return result;
}

} // namespace tidegate
