#pragma once

#include "messages/delivery.hpp"

#include <algorithm>
#include <chrono>
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
///   cursor <= sent <= end, cursor <= loaded <= end
///   [cursor, sent)   given to a target at least once, in some state
///   [sent, end)      to be given for the first time
///   [cursor, loaded) in memory, as far as it is not done
///   [loaded, end)    on disk only; while a target is there, what is behind
///                    `sent` is read first
///
/// Each step costs as much as it moves, however many senders' blocks there
/// are: nothing looks through all of them.
class lane_window {
public:
  using moment = std::chrono::steady_clock::time_point;

  explicit lane_window(const lane_status& lane);

  lane_id id() const { return id_; }
  const lane_key& key() const { return key_; }
  std::uint32_t priority() const { return key_.priority; }
  std::uint64_t cursor() const { return cursor_; }
  std::uint64_t end() const { return end_; }
  std::uint64_t pending() const { return end_ - cursor_; }

  /// So many messages may be given past the first that is not done: one that
  /// its target keeps back does not make the others wait before that.
  static constexpr std::uint64_t most_unsettled = 100'000;

  /// A target is there: about `memory` encoded bytes may wait for it, and
  /// `most` may be held in all, with what was given and is not settled.
  void hold(std::size_t memory, std::size_t most) {
    memory_ = memory;
    most_ = most;
  }
  /// Nobody takes messages: nothing is held, everything is on disk.
  void let_go();

  /// Blocks that became durable. Taken into memory where they continue what
  /// is there and fit; otherwise they stay on disk until asked for.
  void stored(const std::vector<stored_block>& blocks);

  /// Where to read next, if memory has run low, or what has expired is looked
  /// for, and the disk has more.
  std::optional<std::uint64_t> wants_read() const;
  /// A read from where `wants_read` said is under way.
  void reading() { reading_ = loaded_; }
  /// It failed; the next `wants_read` asks again.
  void read_failed() { reading_.reset(); }
  /// Its answer. A gap in it was damaged on disk and is passed over as
  /// rejected. One that was asked for from elsewhere is ignored.
  void loaded(std::uint64_t from, const std::vector<stored_block>& blocks);

  /// Takes up to `credit` messages to give to the target at `at`: first those
  /// to be sent again, then new ones. Skips, and settles, what expired before
  /// `now`. Appends to `items` and returns how many messages were taken.
  std::uint32_t take(std::uint32_t credit, elapsed_time now, moment at,
                     std::vector<delivery>& items);

  /// What `take` would give next: when it was stored, and how many messages
  /// of its block are left at most. Nothing while that is not in memory.
  struct next_run {
    wall_time enqueued;
    std::uint32_t count = 0;
  };
  std::optional<next_run> next() const;

  /// Settles what has expired in memory, up to the first message that lives.
  void expire(elapsed_time now);
  /// Whether the first message may have expired without `expire` having seen
  /// it, because it is only on disk.
  bool must_look(elapsed_time now) const;
  /// Has `wants_read` read the disk until `expire` finds a message that lives.
  void look() { looking_ = true; }
  bool looking() const { return looking_; }

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

  /// Calls `visit(block, from, to, given)` for each stretch of records
  /// [from, to) in one block that share a head, within offsets
  /// [first, first + count), as far as they are in memory. `given` is when
  /// something of the block was given to the target last.
  template <class Visit>
  void each_stretch(std::uint64_t first, std::uint64_t count,
                    Visit visit) const {
    const auto stop = std::min(first + count, loaded_);
    if (blocks_.empty())
      return;
    first = std::max(first, blocks_.front().block.first);
    if (first >= stop)
      return;
    for (auto i = index_of(first);
         i < blocks_.size() && blocks_[i].block.first < stop; ++i) {
      const auto& [block, given] = blocks_[i];
      const auto& data = *block.data;
      auto from = static_cast<std::uint32_t>(std::max(first, block.first)
                                             - block.first);
      const auto end = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(stop - block.first, data.size()));
      while (from < end) {
        auto to = from + 1;
        while (to < end && data.head(to) == data.head(from))
          ++to;
        visit(data, from, to, given);
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

  struct held_block {
    stored_block block;
    moment given{};
  };

  /// The first message that is not settled, when it was seen to live.
  struct living {
    std::uint64_t offset = 0;
    elapsed_time expires;
  };

  /// The block in memory that holds `offset`.
  std::size_t index_of(std::uint64_t offset) const;
  elapsed_time expiry_of(std::uint64_t offset) const;
  /// What is to be given next; `sent_` when there is nothing to be repeated.
  std::uint64_t next_offset() const;
  void set_retry(std::uint64_t offset);
  void take_retries(std::uint32_t& credit, elapsed_time now, moment at,
                    std::vector<delivery>& items);
  void take_new(std::uint32_t& credit, elapsed_time now, moment at,
                std::vector<delivery>& items);
  void append(const stored_block& block);
  void pass_gap(std::uint64_t to);
  bool expire_retries(elapsed_time now);
  bool expire_new(elapsed_time now);

  lane_id id_;
  lane_key key_;
  std::size_t memory_ = 0; ///< 0: no target
  std::size_t most_ = 0;
  std::uint64_t cursor_;
  std::uint64_t sent_;
  std::uint64_t loaded_;
  std::uint64_t end_;
  std::deque<state> states_; ///< of [cursor_, sent_)
  std::uint32_t retries_ = 0;
  std::uint64_t first_retry_ = 0; ///< none lies before
  std::deque<held_block> blocks_;
  std::size_t bytes_ = 0; ///< encoded size of `blocks_`
  std::optional<std::uint64_t> reading_;
  bool looking_ = false;
  std::optional<living> head_;
};

} // namespace tidegate
