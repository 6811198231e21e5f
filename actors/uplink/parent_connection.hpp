#pragma once

#include "actors/clients/proton_engine.hpp"
#include "actors/routing/delivery_window.hpp"
#include "actors/routing/kept_back.hpp"
#include "actors/uplink/event_sender.hpp"
#include "actors/uplink/link_opener.hpp"
#include "actors/uplink/link_retry.hpp"
#include "actors/uplink/link_user.hpp"
#include "actors/uplink/parent_dialog.hpp"
#include "actors/uplink/poison_trial.hpp"
#include "actors/uplink/progress_watch.hpp"
#include "actors/uplink/token_links.hpp"
#include "actors/uplink/uplink_context.hpp"

#include <caf/event_based_actor.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

struct pn_session_t;

namespace tidegate {

/// The client's end of the one connection to the parent (edge-hub spec 6;
/// design section 6): shows the node's token, opens a link per identity, sends
/// what routes deliver, and leads the dialog about twins, methods and messages
/// from the cloud. Everything that the parent session actor does, one call per
/// message it gets.
class parent_connection {
public:
  using clock = std::chrono::steady_clock;

  /// `trial`: what is to be found out about a message, if anything.
  parent_connection(caf::event_based_actor* self, const uplink_context& context,
                    transport_ptr peer,
                    const std::optional<trial_order>& trial = {});

  void receive(const bytes& data);
  void give(const deliver& what);
  /// A timer of the engine is due.
  void tick();
  /// Looks after what time changes: idle links, a token that ends, a parent
  /// that does not answer. To be called about once a second.
  void look_around();
  /// Shows the parent a new token.
  void renew_token();
  /// What is sent before the backlog has been sent.
  void take_backlog();

  /// Does something in the dialog, and sends what comes of it.
  template <class Step>
  void talk(Step step) {
    step(dialog_);
    end_turn();
  }

  /// The parent has taken this node for what it says it is.
  bool ready() const { return ready_; }
  /// Why this connection is of no use any more; nothing while it is.
  const std::optional<std::string>& failure() const { return failure_; }
  /// Whether the parent, or the way to it, ended it.
  bool failed_by_parent() const { return failed_by_parent_; }
  /// What the uplink makes of its end.
  session_end end_of(bool by_parent) const;
  /// What the trial has found; once.
  std::optional<bool> take_trial_over() {
    return std::exchange(trial_over_, std::nullopt);
  }
  std::uint64_t unacknowledged() const { return watch_.waiting(); }
  /// When the parent has last answered anything.
  clock::time_point answered() const {
    return std::max(acknowledged_, dialog_.answered());
  }
  /// See `parent_dialog`.
  std::optional<clock::time_point> take_silence() {
    return dialog_.take_silence();
  }

  /// Whether the parent has said since the last call that it failed over.
  bool take_failed_over() { return std::exchange(failed_over_, false); }

private:
  // The turn: parent_connection.cpp
  void end_turn();
  void handle_events();
  void handle(pn_event_t* event);
  void ended(pn_link_t* link);
  void end_failed_links();
  void token_answered(int status, const std::string& why);
  void became_ready();
  identity_id own_id() const;
  void announce();
  void fail(std::string why);
  void ended_by_parent(std::string why);

  // What ends connections: parent_trial.cpp
  void go_on_with_trial();
  void end_trial(bool given_up);
  void tell_trial_over(bool given_up);
  bool nothing_is_on_its_way() const;
  clock::time_point now() const;

  // One link per sender: parent_links.cpp
  struct sender_entry : link_user {
    sender_entry(parent_connection& connection, const identity_id& id)
      : of{connection}, sender{id} {}
    void flowed(pn_link_t* link) override { of.flowed(*this, link); }
    void arrived(pn_delivery_t* sent) override { of.decided(*this, sent); }
    void ended(pn_link_t*, std::string_view condition) override {
      of.link_ended(*this, condition);
    }

    parent_connection& of;
    event_sender sender;
    bool listed = false;   ///< it is in `waiting_`
    bool accepted = false; ///< the parent has given its link credit
    bool yields = false;   ///< it sends nothing more on the link that it has
    bool unknown = false;  ///< to the parent, as it said last
    link_retry retry;
    std::uint64_t held = 0; ///< messages that wait for `retry`
    /// Since when there are some and the parent has decided about none.
    std::optional<clock::time_point> held_since;
  };
  sender_entry& entry_of(const identity_id& id);
  void open_own_link();
  void take(const caf::actor& route, const delivery& item);
  void list(sender_entry& entry);
  void unlist(sender_entry& entry);
  void pump();
  bool open_link(sender_entry& entry);
  bool make_room_for_link();
  void forget_link(sender_entry& entry);
  void close_link(sender_entry& entry);
  void flowed(sender_entry& entry, pn_link_t* link);
  void link_ended(sender_entry& entry, std::string_view condition);
  void decided(sender_entry& entry, pn_delivery_t* sent);
  std::chrono::milliseconds patience_with(const identity_id& id) const;
  void close_idle_links();
  void forget_idle_senders();

  // Senders whose turn has not come: parent_turns.cpp
  void hold(sender_entry& entry, std::string_view condition);
  void keep_back(sender_entry& entry, const caf::actor& route,
                 std::uint32_t count);
  void let_go(sender_entry& entry);
  void tell_kept_back();
  void give_back_held();
  bool held_for_long(const sender_entry& entry) const;
  void release_held();
  void note_limit();
  void note_accepted(sender_entry& entry);
  std::size_t most_links() const;
  void take_turns();
  void end_turn_of(sender_entry& entry);
  void tell_waiting();

  caf::event_based_actor* self_;
  const uplink_context& context_;
  transport_ptr peer_;
  proton_engine engine_;
  pn_session_t* session_ = nullptr;
  token_links tokens_;
  upstream_resources shared_;
  std::unordered_map<identity_id, std::unique_ptr<sender_entry>> senders_;
  std::vector<sender_entry*> waiting_; ///< those that have a queue to be sent
  std::vector<sender_entry*> held_;    ///< those that wait to be tried again
  std::map<caf::actor, std::int64_t> kept_back_; ///< more than was told
  std::string last_refusal_; ///< of a sender: its id, and why
  /// So many links the parent takes, as far as it is known.
  std::optional<std::size_t> parents_limit_;
  clock::time_point limit_noted_{};
  bool room_ = true; ///< there may be, for the link of a sender
  clock::time_point complained_{};
  sender_entry* own_ = nullptr; ///< of this node; its link stays open
  progress_watch watch_;
  window_follower window_;
  std::uint64_t answered_seen_ = 0;
  clock::time_point acknowledged_{}; ///< a message, last
  std::size_t links_ = 0;            ///< of senders
  std::size_t accepted_ = 0;         ///< of those, by the parent
  /// What is sent first has been sent, or took too long.
  bool backlog_taken_ = false;
  clock::time_point backlog_due_{};
  link_opener opener_;
  parent_dialog dialog_;
  bool ready_ = false;
  bool failed_over_ = false;
  std::optional<std::string> failure_;
  bool failed_by_parent_ = false;
  std::optional<poison_trial> trial_;
  bool trial_told_ = false;
  bool takes_batches_ = false;      ///< the parent does
  std::uint64_t copies_before_ = 0; ///< taken before the probe was sent
  std::optional<bool> trial_over_;  ///< whether the message was given up
};

} // namespace tidegate
