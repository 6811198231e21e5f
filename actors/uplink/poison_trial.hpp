#pragma once

#include "actors/uplink/poison_watch.hpp"

#include <chrono>
#include <deque>
#include <optional>
#include <vector>

namespace tidegate {

/// Records of one block that a route has given.
struct given_records {
  caf::actor route;
  delivery records;
};

/// A session's part in finding out whether the parent ends its connections
/// over one message (`poison_watch`): keeps that message and what comes behind
/// it back, has the parent take a copy of another message, and then sends the
/// suspect with nothing else on its way. When the parent takes it, the message
/// that it was is another one behind it: they are sent one by one, too, for a
/// while. A pure value.
class poison_trial {
public:
  using clock = std::chrono::steady_clock;

  explicit poison_trial(trial_order order) : order_{std::move(order)} {}

  const sent_message& suspect() const { return order_.suspect; }

  /// Takes what a route gives. Returns what may be sent now: what comes before
  /// the suspect.
  std::vector<given_records> take(const caf::actor& route,
                                  const delivery& item);

  enum class step {
    wait,
    give_up, ///< answer `records()` with "poison", then `over`
    probe,   ///< send `probe()`; what comes of it concerns nobody else
    send,    ///< send `records()`
    over     ///< nothing is suspicious any more: `leave`
  };
  /// Messages behind a suspect that are sent one by one.
  static constexpr std::uint32_t most_one_by_one = 1000;

  /// What is to be done, when nothing is on its way to the parent any more.
  /// What it says has been done when it is asked again.
  step next(clock::time_point now);

  /// The probe is done with; whether the parent has taken it.
  void probed(bool taken) {
    at_ = phase::probed;
    proved_ = taken;
  }

  /// The suspect itself, one record.
  const given_records& records() const { return *held_suspect_; }
  const message_copy& probe() const { return *probe_; }

  bool probing() const { return at_ == phase::probing; }
  /// The suspect, or one behind it, is on its way, alone.
  bool sent() const { return at_ == phase::sent; }
  /// It is, and the parent has not been known to take anything.
  bool unproved() const { return at_ == phase::sent && !proved_; }
  /// Whether an end now is one that the suspect may have brought about.
  bool tells(clock::time_point now) const;
  /// The connection has ended: says what that tells about the suspect. An end
  /// that came too late for it is nobody's.
  void describe(session_end& how, clock::time_point now) const;

  /// What was kept back behind the suspect, in order.
  std::deque<given_records> leave() { return std::move(behind_); }

private:
  std::optional<message_copy> choose_probe() const;
  step send(clock::time_point now);
  step send_next(clock::time_point now);

  enum class phase { waiting, probing, probed, sent, gone };

  trial_order order_;
  std::optional<given_records> held_suspect_;
  std::deque<given_records> behind_;
  std::optional<message_copy> probe_;
  phase at_ = phase::waiting;
  std::uint32_t one_by_one_ = 0;
  bool proved_ = false; ///< the parent took the probe
  clock::time_point sent_at_{};
};

} // namespace tidegate
