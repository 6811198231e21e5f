#pragma once

#include "actors/clients/routed_head.hpp"
#include "actors/clients/sender_meters.hpp"
#include "actors/clients/session_context.hpp"
#include "messages/bytes.hpp"

#include <caf/actor.hpp>
#include <caf/error.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tidegate {

/// The way of a session's messages into the store: routes them, packs the
/// matches into one block per lane, sends one `append` per `flush`, and says
/// when which of them are safe (design section 4, steps 2 and 3). Shared by
/// both protocols; one per connection, used inside its session actor only.
///
/// Messages reach every lane in the order of `add`, and tickets are decided
/// in that order. When the store refuses some, everything behind them is
/// refused with the same error; when a route has changed under them, all of it
/// is routed and sent again.
class ingress {
public:
  /// Comes back in a decision; the session's own: a packet id, a delivery.
  using ticket = std::uint64_t;

  /// `session` receives the `append_done`s.
  ingress(session_context_ptr context, caf::actor session);

  /// Wraps a head for `add`. Do this once per topic or set of properties and
  /// keep the result: it remembers which routes match.
  routed_head_ptr prepare(head_ptr head);

  struct refusal {
    message_fault what = message_fault::none;
    std::string why; ///< a sentence with the figures
  };
  /// Why no message with this head and payload may be taken, or nothing
  /// (`messages/limits`): to be asked before `add`. Counts what it refuses.
  std::optional<refusal> refuse(routed_head& head, std::string_view payload);

  /// Counts a message of `sender` that is not taken.
  void count_refused(const identity_id& sender, std::string_view reason) const;

  /// Takes one message into the batch that `flush` sends.
  void add(const routed_head_ptr& head, bytes payload, ticket mark);

  /// Takes the ticket of a message that is not to be stored (it was dropped,
  /// or dealt with in another way) so that it is decided in its turn.
  void pass(ticket mark);

  /// Names something that a decision waits for.
  using hold = std::uint64_t;

  /// The same for what is dealt with elsewhere and is not done yet: nothing
  /// that is taken from now on is decided before `release` was called with
  /// what this returns.
  [[nodiscard]] hold wait(ticket mark);

  /// What was waited for is done. Ask for decisions afterwards.
  void release(hold which);

  /// Sends what was added. Call it once for every chunk that was received.
  void flush();

  /// Takes the store's answer. Call `next_decision` until it is empty, before
  /// anything is added.
  void done(const append_done& answer);

  struct decision {
    std::vector<ticket> tickets;
    /// No error: every message is as safe as was promised. Otherwise nothing
    /// may be acknowledged: `store_full`, `store_failed`, or `unavailable`
    /// while no routes are in force.
    caf::error error;
  };

  /// The oldest messages whose fate is known and was not told yet. Ask after
  /// `flush` too: messages that no route wants need no store.
  std::optional<decision> next_decision();

  /// Payload and property bytes that were added and are not decided. A
  /// session stops reading while this is too much.
  std::size_t undecided_bytes() const { return undecided_bytes_; }
  std::size_t undecided_messages() const { return undecided_messages_; }

private:
  struct entry {
    routed_head_ptr head;
    bytes payload;
  };
  struct batch {
    std::uint64_t tag = 0; ///< of its append
    bool decided = false;
    std::uint32_t holds = 0;   ///< not released
    route_snapshot_ptr routes; ///< that it was routed by
    std::size_t size = 0;
    std::vector<entry> entries;
    std::vector<ticket> tickets;
    caf::error error;
  };

  void send(batch& what);
  std::span<const routing::route_match>
  matches_of(routed_head& head, std::string_view payload,
             const route_snapshot_ptr& routes);
  message_way way_of(routed_head& head, std::string_view payload);
  session_context_ptr context_;
  caf::actor session_;
  sender_meters_cache meters_;
  batch collecting_;
  std::deque<batch> batches_; ///< undecided, or decided and not told
  std::vector<routing::route_match> matches_; ///< of one message
  std::uint64_t first_batch_ = 0; ///< number of the front of `batches_`
  std::uint64_t next_tag_ = 1;
  std::uint64_t attempt_ = 0; ///< refusals that are known
  std::uint32_t flushes_ = 0;
  std::size_t undecided_bytes_ = 0;
  std::size_t undecided_messages_ = 0;
};

} // namespace tidegate
