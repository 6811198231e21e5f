#pragma once

#include "messages/delivery.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace tidegate {

/// Where a message for the parent lies, and how large it is.
struct sent_message {
  lane_id lane{};
  std::uint64_t offset = 0;
  std::size_t size = 0; ///< bytes of payload

  bool is(lane_id in, std::uint64_t at) const {
    return lane == in && offset == at;
  }
};

/// A message that the parent can be asked to take once more: a copy of it.
struct message_copy {
  block_ptr data;
  std::uint32_t at = 0;
};

/// How a session with the parent ended.
struct session_end {
  /// The parent, or the way to it, ended the connection after it had taken
  /// this node; not this node, and not for want of progress.
  bool by_parent = false;
  /// The oldest message that it had been sent and had not answered.
  std::optional<sent_message> first = {};
  /// `first` was the one message on its way, the parent had taken another one
  /// just before, and the end came soon.
  bool tried_alone = false;
  /// The end came while `first` was on its way alone, and the parent had not
  /// been known to take anything before.
  bool alone_unproved = false;
  /// The end came while the parent was to take another message first.
  bool probe_lost = false;
  /// A message that the parent took, the latest.
  std::optional<message_copy> taken = {};
};

/// What the next session has to do about a message.
struct trial_order {
  sent_message suspect;
  bool give_up = false; ///< do not send it again
  /// A message that the parent took before. Nothing: none is known.
  std::optional<message_copy> probe = {};
  /// Without one, take a message from behind the suspect, another one each time
  /// that this number grows; nothing: send the suspect without a probe.
  std::optional<unsigned> from_behind = {};
};

/// Finds the message over which the parent ends each connection, and which
/// would stop everything behind it for ever. Whoever cuts connections at
/// random must not make a message look like that; so a message is given up
/// only when all of this has happened, in a row:
///  - `ends_until_trial` connections ended while it was the oldest without an
///    answer;
///  - then, when no message is known that the parent took, as many again while
///    it was the only one on its way;
///  - then `trials_until_given_up` times the parent took another message and,
///    when it was sent this one alone, ended the connection soon.
/// An answer about it clears it. A parent that cannot be reached, one that
/// answers nothing, and an operator say nothing about a message; a connection
/// that ends before the other message is taken speaks for a bad way, and the
/// trials begin anew. A message as large as one that was given up is tried
/// after one end, once. A pure value.
class poison_watch {
public:
  static constexpr unsigned ends_until_trial = 3;
  static constexpr unsigned trials_until_given_up = 5;

  void ended(const session_end& how);

  /// The suspect is done with: the parent has answered, it has been given up,
  /// or it is not there any more.
  void settled(bool given_up);

  /// What the next session has to do; nothing: nothing special.
  std::optional<trial_order> order() const;

private:
  void suspect(const std::optional<sent_message>& next);
  bool is_large() const {
    return too_large_ && suspect_ && suspect_->size >= *too_large_;
  }
  unsigned ends_needed() const { return is_large() ? 1 : ends_until_trial; }
  unsigned trials_needed() const {
    return is_large() ? 1 : trials_until_given_up;
  }

  std::optional<sent_message> suspect_;
  unsigned ends_ = 0;
  unsigned unproved_ = 0;
  unsigned probes_lost_ = 0;
  unsigned trials_ = 0;
  std::optional<std::size_t> too_large_; ///< the smallest that was given up
  std::optional<message_copy> taken_;
};

} // namespace tidegate
