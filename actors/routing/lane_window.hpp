#pragma once

#include "messages/delivery.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace tidegate {

/// The moving part of one lane: which of its messages are with the target,
/// which are done, which must be sent again, and the blocks that are in
/// memory for that. A pure value; offsets as in `lane_status`.
///
///   cursor <= sent <= loaded <= end
///   [cursor, sent)   given to the target at least once, in some state
///   [sent, loaded)   in memory, to be sent next
///   [loaded, end)    on disk only
class lane_window {
public:
  /// `memory` bounds the encoded bytes held for messages not yet sent.
  lane_window(const lane_status& lane, std::size_t memory);

  lane_id id() const { return id_; }
  std::uint32_t priority() const { return priority_; }
  std::uint64_t cursor() const { return cursor_; }
  std::uint64_t end() const { return end_; }
  std::uint64_t pending() const { return end_ - cursor_; }

  /// Blocks that became durable. Taken into memory where they continue what
  /// is there and fit; otherwise they stay on disk until asked for.
  void stored(const std::vector<stored_block>& blocks);

  /// Where to read next, if memory has run low and the disk has more.
  std::optional<std::uint64_t> wants_read() const;
  /// A read is under way until `loaded` is called.
  void reading() { reading_ = true; }
  /// The read failed; the next `wants_read` asks again.
  void read_failed() { reading_ = false; }
  /// The answer to a read from where `wants_read` said. A gap in it was
  /// damaged on disk and is passed over as rejected.
  void loaded(const std::vector<stored_block>& blocks);

  /// Takes up to `credit` messages to give to the target: first those to be
  /// sent again, then new ones. Skips, and settles, what expired before
  /// `now`. Appends to `items` and returns how many messages were taken.
  std::uint32_t take(std::uint32_t credit, wall_time now,
                     std::vector<delivery>& items);

  /// Settles what has expired at the head, without a target.
  void expire(wall_time now);

  /// The target's answer for some of the messages it was given. Returns how
  /// many of them were outstanding.
  std::uint32_t answered(const delivered_range& range);

  /// The target died: everything outstanding is to be sent again.
  void target_lost();

  /// Removes the finished head of the window and says how it ended. Empty
  /// when the cursor did not move. `first` gets the old cursor. The blocks
  /// stay until `forget_done`.
  std::vector<settled_run> advance(std::uint64_t& first);

  /// Drops the blocks that lie behind the cursor.
  void forget_done();

  /// Calls `visit(block, from, to)` for each stretch of records [from, to) in
  /// one block that share a head, within offsets [first, first + count), as
  /// far as they are in memory.
  template <class Visit>
  void each_stretch(std::uint64_t first, std::uint64_t count,
                    Visit visit) const {
    for (const auto& block : blocks_) {
      if (block.end() <= first || block.first >= first + count)
        continue;
      const auto& data = *block.data;
      auto from = static_cast<std::uint32_t>(
        first > block.first ? first - block.first : 0);
      const auto end = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(first + count - block.first, data.size()));
      while (from < end) {
        auto to = from + 1;
        while (to < end && data.head(to) == data.head(from))
          ++to;
        visit(data, from, to);
        from = to;
      }
    }
  }

  /// The store evicted everything before `cursor`. Returns how many
  /// outstanding messages are forgotten by that.
  std::uint32_t evicted(std::uint64_t cursor);

  /// Something is left to be given to the target, in memory or on disk.
  bool unsent() const { return sent_ < end_ || retries_ > 0; }

private:
  enum class state : std::uint8_t { sent, retry, done, expired, rejected };

  bool unsent_in_memory() const { return sent_ < loaded_; }
  std::deque<stored_block>::const_iterator block_of(std::uint64_t offset) const;
  void take_retries(std::uint32_t& credit, wall_time now,
                    std::vector<delivery>& items);
  void take_new(std::uint32_t& credit, wall_time now,
                std::vector<delivery>& items);
  void append(const stored_block& block);

  lane_id id_;
  std::uint32_t priority_;
  std::size_t memory_;
  std::uint64_t cursor_;
  std::uint64_t sent_;
  std::uint64_t loaded_;
  std::uint64_t end_;
  std::deque<state> states_; ///< of [cursor_, sent_)
  std::uint32_t retries_ = 0;
  std::deque<stored_block> blocks_; ///< covering [some done, loaded_)
  std::size_t bytes_ = 0;           ///< encoded size of `blocks_`
  bool reading_ = false;
};

} // namespace tidegate
