#pragma once

#include "actors/clients/delivery_answers.hpp"
#include "actors/metrics.hpp"
#include "actors/uplink/poison_watch.hpp"
#include "actors/uplink/upstream_batch.hpp"
#include "actors/uplink/upstream_pace.hpp"
#include "messages/delivery.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

struct pn_delivery_t;
struct pn_link_t;

namespace tidegate {

/// What all senders of one connection to the parent share.
struct upstream_resources {
  using clock = std::chrono::steady_clock;

  delivery_answers answers;
  upstream_batch encoder;
  /// The parent takes batches (`batch_capability`).
  bool batches = false;
  /// Bytes sent on all links and not answered by the parent.
  upstream_pace pace;
  /// The message that the parent took last, and how many copies it took.
  std::optional<message_copy> taken = {};
  std::uint64_t copies_taken = 0;
  metrics* meters = nullptr;
};

/// One identity's way to the parent: what waits to be sent in its name, in
/// order, and what was sent and waits for the parent's outcome
/// (edge-hub spec 5.2 and 5.5).
///
/// Order holds across failures: when a message must be sent again, so must
/// everything of the same sender behind it, whatever became of it.
class event_sender {
public:
  using clock = upstream_resources::clock;

  explicit event_sender(identity_id id) : id_{std::move(id)} {}

  const identity_id& id() const { return id_; }
  pn_link_t* link() const { return link_; }

  /// Takes records [from, to) of an item, all of this sender. False when they
  /// are answered "retry" at once, because others must come before them.
  bool take(const caf::actor& route, const delivery& records,
            upstream_resources& shared, clock::time_point now);

  /// Takes a copy of a message; nobody is told what becomes of it.
  void take_copy(const message_copy& copy, clock::time_point now);

  struct sent_first {
    clock::time_point at;
    sent_message message;
  };
  /// The oldest message that was sent and is not answered.
  std::optional<sent_first> first() const;

  /// The link to send on, as yet without credit.
  void attach(pn_link_t* link) { link_ = link; }
  /// The link is gone or being closed; what was sent on it is queued again.
  void detach(upstream_resources& shared);

  /// Sends one transfer, if there is something to send and credit for it.
  /// Returns whether it did.
  bool send_one(upstream_resources& shared, clock::time_point now);

  static constexpr unsigned ends_alone = 3;

  enum class next_step {
    go_on,
    reopen, ///< close the link and open another: what follows is sent anew
    failed  ///< everything was answered "retry"; the link is of no use
  };
  /// The parent has decided about a transfer.
  next_step decided(pn_delivery_t* transfer, upstream_resources& shared,
                    clock::time_point now);

  /// The parent refused or ended the link with `condition`. What was taken
  /// keeps its place for another link, but for a message over which the parent
  /// ends one link after the other, the last `ends_alone` times with nothing
  /// else on it: that is answered "poison".
  void refused(std::string_view condition, upstream_resources& shared);

  /// Answers everything that was taken with `result`.
  void give_up(delivery_result result, upstream_resources& shared,
               clock::time_point now);

  bool idle() const { return queue_.empty() && transfers_.empty(); }
  bool has_queue() const { return !queue_.empty(); }
  /// Calls `visit(route, count)` for the messages that wait to be sent.
  template <class Visit>
  void each_queued(Visit visit) const {
    for (const auto& [route, records] : queue_)
      visit(route, records.to - records.from);
  }
  /// Nothing that was sent waits for its outcome.
  bool all_answered() const { return transfers_.empty(); }
  /// The head of the next message. Only with a queue.
  const message_head& next_head() const {
    const auto& records = queue_.front().records;
    return *records.block.data->head(records.from);
  }
  clock::time_point last_used() const { return last_used_; }

private:
  struct run {
    caf::actor route; ///< null for a copy
    delivery records;
  };
  struct transfer {
    std::vector<run> runs;
    std::uint32_t messages = 0;
    std::size_t size = 0;
    clock::time_point sent_at{};
    bool answered = false;
  };

  bool out_of_turn(const delivery& records, clock::time_point now);
  void answer(const transfer& of, delivery_result result,
              upstream_resources& shared);
  void fill(transfer& next, upstream_resources& shared);
  void move_record(transfer& into);
  void drop_answered();
  void tell(const run& what, delivery_result result,
            upstream_resources& shared) const;
  bool begins_with_suspect(const run& records) const;
  bool waits_for_suspect() const;
  void suspect(std::string_view condition);
  void give_up_suspect(upstream_resources& shared);

  identity_id id_;
  pn_link_t* link_ = nullptr;
  std::deque<run> queue_;
  std::deque<transfer> transfers_; ///< by sequence number, from `first_` on
  std::uint64_t first_ = 0;
  std::uint64_t next_tag_ = 0;
  /// Messages of a refused batch: sent one by one, to find the bad one.
  std::uint32_t singly_ = 0;
  /// Over which the parent may have ended the link, and how often it was so.
  std::optional<sent_message> suspect_;
  unsigned ends_ = 0;
  /// After a failure: the first offset per lane that must come again first.
  std::map<lane_id, std::uint64_t> resume_at_;
  clock::time_point failed_at_{};
  clock::time_point last_used_{};
};

} // namespace tidegate
