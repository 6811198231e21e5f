#pragma once

#include "actors/clients/client_messages.hpp"
#include "actors/uplink/c2d_links.hpp"
#include "actors/uplink/dialog_tools.hpp"
#include "actors/uplink/method_links.hpp"
#include "actors/uplink/twin_links.hpp"
#include "messages/upstream_messages.hpp"

#include <caf/typed_response_promise.hpp>

#include <deque>
#include <memory>
#include <unordered_map>
#include <unordered_set>

namespace tidegate {

/// What a gateway and its parent say to one another for every identity, beside
/// telemetry (edge-hub spec 6): twins, methods, messages from the cloud. Used
/// inside the parent session actor; whoever calls it sends what is due
/// afterwards.
class parent_dialog {
public:
  using clock = dialog_tools::clock;

  parent_dialog(caf::event_based_actor* self, const uplink_context& context,
                link_opener& links);

  /// The parent has taken this node: tells those who have waited for it.
  void start();

  void ask(const fetch_twin& wish,
           caf::typed_response_promise<twin_text> answer);
  void ask(const push_reported& wish,
           caf::typed_response_promise<properties_reported> answer);
  void ask(const follow_desired& wish,
           caf::typed_response_promise<desired_followed> answer);
  void decided(const c2d_decided& news);
  void ended(const method_ended& news);
  void take(const clients_changed& news);

  /// Asks the parent something that costs it nothing (edge-hub spec 6.4).
  void test();

  /// Opens what waits for its turn.
  void pump();

  /// Looks after what time changes. To be called about once a second.
  void look_around();

  /// Who is not connected needs no link for longer than it takes.
  bool is_connected(const identity_id& id) const {
    return connected_.contains(id);
  }

  /// When the parent has last answered a question.
  clock::time_point answered() const { return tools_.answered; }
  /// When the youngest question was asked that was given up since the last
  /// call; nothing when none was.
  std::optional<clock::time_point> take_silence() {
    return std::exchange(tools_.silent, std::nullopt);
  }

private:
  /// All that is said about one identity.
  struct entry {
    entry(dialog_tools& tools, identity_id of)
      : id{std::move(of)}, twin{tools, id}, methods{tools, id}, commands{tools,
                                                                         id} {}

    /// Nothing is lost by forgetting it.
    bool is_unused() const {
      return wants == client_wants{} && twin.idle() && !twin.is_open()
             && !methods.is_open() && !commands.is_open() && !listed
             && lacking() == 0;
    }

    /// Links that its client wants and does not have.
    std::size_t lacking() const {
      return twin.lacking() + methods.lacking() + commands.lacking();
    }

    /// It has links that its client wants as long as it is connected.
    bool holds_links() const {
      return methods.is_open() || commands.is_open()
             || (twin.is_open() && twin.follows());
    }

    const identity_id id;
    client_wants wants;
    bool listed = false;        ///< in `due_`
    bool short_of = false;      ///< in `short_`
    bool held = false;          ///< in `served_`
    clock::time_point served{}; ///< since when
    twin_links twin;
    method_links methods;
    c2d_links commands;
  };

  entry& entry_of(const identity_id& id);
  void set(const identity_id& id, const client_wants& wants);
  bool make_room(std::size_t count, dialog_tools::purpose why);
  twin_links* oldest_idle();
  void wait_for_room(const identity_id& id);
  void note_served(entry& one);
  void take_turns();
  bool give_way(std::size_t count);
  void show_size();

  dialog_tools tools_;
  std::unordered_set<identity_id> connected_;
  /// Those that want something, or were asked about.
  std::unordered_map<identity_id, std::unique_ptr<entry>> entries_;
  /// Those whose links are not what their client wants.
  std::deque<identity_id> due_;
  /// Those that lack links, first come, first served.
  std::deque<identity_id> short_;
  /// Those that have links, in the order in which they got them: whoever is
  /// first has had them for the longest time. Perhaps gone meanwhile.
  std::deque<identity_id> served_;
  /// Links that have nothing to do, those that were used last in front.
  std::vector<twin_links*> idle_;
  clock::time_point complained_{};
  bool started_ = false;
  clock::time_point tested_{};
};

} // namespace tidegate
