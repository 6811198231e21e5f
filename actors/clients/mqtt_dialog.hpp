#pragma once

#include "actors/clients/ingress.hpp"
#include "actors/clients/twin_call.hpp"
#include "messages/iothub/inbound_topic.hpp"

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace tidegate {

/// What only some clients have under way: twin operations, and commands from
/// the cloud that they have not acknowledged. A client has one of these only
/// while it has something under way.
class mqtt_dialog {
public:
  /// At most `limit` operations are being done; more wait, in order.
  mqtt_dialog(caf::event_based_actor* session, twins_actor twins,
              std::size_t limit);

  /// Takes a twin operation of `id`, and what its PUBACK waits with.
  void ask(const identity_id& id, const inbound_topic& request, bytes payload,
           std::optional<ingress::hold> held);

  struct reply {
    std::string topic; ///< empty: none is wanted
    shared_text json;  ///< may be null
    std::optional<ingress::hold> held;
    /// The client would believe its PUBACK, but the change is lost.
    bool must_not_acknowledge = false;
  };
  /// Ends an operation and begins the next.
  reply take(const twin_answered& answer);

  /// More operations have come than may be done at once: nothing more is to be
  /// read until this is false.
  bool crowded() const { return !waiting_.empty(); }

  /// A command was sent that the client has to acknowledge.
  void sent(std::string lock_token);
  /// The locks of the oldest `count` such commands, or of all.
  std::vector<std::string> take_commands(std::size_t count);
  std::size_t commands() const { return commands_.size(); }

  bool idle() const { return questions_.empty() && commands_.empty(); }

  /// Read credit that is given back when this is not crowded.
  std::size_t held_back = 0;

private:
  struct question {
    std::string rid;
    std::optional<ingress::hold> held;
  };
  struct waiting_operation {
    std::uint64_t call = 0;
    twin_operation what;
  };

  caf::event_based_actor* session_;
  twins_actor twins_;
  std::size_t limit_;
  std::unordered_map<std::uint64_t, question> questions_; ///< by call
  std::deque<waiting_operation> waiting_;
  std::deque<std::string> commands_;
  std::uint64_t next_call_ = 0;
};

} // namespace tidegate
