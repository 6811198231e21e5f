#pragma once

#include "messages/elapsed_time.hpp"
#include "messages/envelope.hpp"

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tidegate {

using wall_time = std::chrono::sys_time<std::chrono::milliseconds>;

/// Of what does not expire at a time of day.
inline constexpr wall_time no_expiry{
  std::chrono::milliseconds{std::numeric_limits<std::int64_t>::max()}};

/// A run of messages for one lane, written and read as one value. The encoded
/// text is what lies on disk; the index beside it is built once, so that a
/// route, a session and the uplink can share the block by pointer.
///
/// Format, version 2. Numbers are little endian, varints LEB128, a text is a
/// varint length and its bytes. The heads come last, so that a block is
/// written front to back while messages arrive, and no payload moves again.
///   header  = "TB" u8 version=2 u8 0, u64 xxh3 of everything behind it,
///             u64 enqueued (milliseconds since 1970), u32 records,
///             u32 heads, u32 offset of the first head
///   records = (varint head index, text payload)...
///   heads   = (text device, text module, system map, user map,
///             varint expiry (milliseconds of `elapsed_time`; 0 = never),
///             text route)...
///   map     = varint entries, (text name,
///             varint 0 = no value, else 1 + length, and the value)...
/// Version 1 had no routes.
class block {
public:
  struct record {
    std::uint32_t head;
    std::uint32_t offset;
    std::uint32_t size;
  };
  struct shared_head {
    head_ptr head;
    elapsed_time expires = never_expires;
    std::string route; ///< on whose behalf it goes where it goes
  };

  std::uint32_t size() const {
    return static_cast<std::uint32_t>(records_.size());
  }
  /// When it was stored, by the wall clock of that moment: for display.
  wall_time enqueued() const { return enqueued_; }
  /// The encoded form, as stored.
  std::string_view encoded() const { return encoded_; }

  const head_ptr& head(std::uint32_t index) const {
    return heads_[records_[index].head].head;
  }
  /// When record `index` stops being worth delivering.
  elapsed_time expires(std::uint32_t index) const {
    return heads_[records_[index].head].expires;
  }
  /// Calls `visit(route, count)` for each run of records [from, to) that one
  /// route has brought.
  template <class Visit>
  void each_route(std::uint32_t from, std::uint32_t to, Visit visit) const {
    while (from < to) {
      const auto& route = heads_[records_[from].head].route;
      auto next = from + 1;
      while (next < to && heads_[records_[next].head].route == route)
        ++next;
      visit(route, next - from);
      from = next;
    }
  }
  std::string_view payload(std::uint32_t index) const {
    const auto& r = records_[index];
    return std::string_view{encoded_}.substr(r.offset, r.size);
  }
  /// True when any record can expire; lets a pump skip the check.
  bool can_expire() const { return can_expire_; }

private:
  friend class block_builder;
  friend std::shared_ptr<const block> decode_block(std::string, std::string&);

  std::string encoded_;
  std::vector<shared_head> heads_;
  std::vector<record> records_;
  wall_time enqueued_{};
  bool can_expire_ = false;
};

using block_ptr = std::shared_ptr<const block>;

/// No block grows beyond this.
inline constexpr std::size_t max_block_size = std::size_t{1} << 30;

/// Collects envelopes into a block. Payloads are copied in once; a head that
/// was added shortly before (same pointer, expiry and route) is written once.
class block_builder {
public:
  /// `expected_bytes` is a guess at the sum of the payloads; it saves growing.
  explicit block_builder(wall_time enqueued, std::size_t expected_bytes = 0);

  /// Adds one message. An expiry before the first millisecond counts as
  /// already passed.
  /// Throws `std::length_error` beyond `max_block_size`.
  void add(const head_ptr& head, std::string_view payload,
           elapsed_time expires = never_expires, std::string_view route = {});

  std::uint32_t size() const {
    return static_cast<std::uint32_t>(records_.size());
  }
  bool empty() const { return records_.empty(); }
  /// Encoded size so far, without the heads.
  std::size_t bytes() const { return encoded_.size(); }

  /// Ends the block. The builder is spent afterwards.
  block_ptr finish();

private:
  std::uint32_t head_index(const head_ptr& head, elapsed_time expires,
                           std::string_view route);

  wall_time enqueued_;
  std::vector<block::shared_head> heads_;
  std::vector<block::record> records_;
  std::string encoded_; // room for the header, then the records
};

/// Reads an encoded block. On damage returns null and says in `why` what is
/// wrong. Never reads outside `encoded`, whatever it holds.
block_ptr decode_block(std::string encoded, std::string& why);

} // namespace tidegate
