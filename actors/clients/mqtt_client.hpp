#pragma once

#include "actors/clients/input_feed.hpp"
#include "actors/clients/mqtt_dialog.hpp"
#include "actors/clients/mqtt_inbound.hpp"
#include "actors/clients/session_context.hpp"
#include "actors/clients/subscription_set.hpp"
#include "actors/clients/transport.hpp"
#include "messages/mqtt/decode.hpp"

#include <caf/actor_clock.hpp>
#include <caf/event_based_actor.hpp>
#include <memory>
#include <optional>
#include <string>

namespace tidegate {

/// What a CONNECT asked for besides being let in; owns what outlives the
/// packet.
struct mqtt_wishes {
  struct will {
    std::string topic;
    bytes payload;
    bool retain = false;
  };
  mqtt_speaker speaker;
  bool clean_session = true;
  std::optional<will> last_will;
};

/// A client that is being, or has been, let in: its session in the sense of
/// MQTT, and what is done with each of its packets. Lives in the state of its
/// session actor, which is `session`.
class mqtt_client {
public:
  using time_point = caf::actor_clock::time_point;

  mqtt_client(session_context_ptr context, transport_ptr connection,
              caf::event_based_actor* session, mqtt_wishes wishes);

  const identity_id& id() const { return wishes_.speaker.id; }

  /// To be told before anything is taken.
  void let_in_by(auth_method how) { inbound_.let_in_by(how); }

  /// Answers CONNECT with success and restores the stored session, if it is
  /// wanted and there is one.
  void welcome();

  /// Takes whole packets. False: the connection is to be closed, because of
  /// `fault()`, or because the client has said goodbye if that is empty.
  bool take(const bytes& packets, time_point now);

  /// Takes the store's answer. False as in the other `take`.
  bool take(const append_done& answer);

  /// Takes messages for the module's inputs.
  void take(const deliver& wish, time_point now);

  /// Takes how a twin operation ended. False as in the other `take`.
  bool take(const twin_answered& answer);

  /// Takes a change of the client's desired properties.
  void take(const desired_changed& news);

  /// Takes a call of one of the client's methods.
  void take(const method_request& call);

  /// Takes a message from the cloud.
  void take(const deliver_c2d& wish);

  /// Takes the transport's word that all that was written has left.
  void take(const drained& news);

  /// To be called now and then: gives up waiting for acknowledgements that do
  /// not come.
  void watch(time_point now);

  /// The connection is at its end: no more deliveries. Brings about the will
  /// unless the client has said goodbye.
  void leave();

  /// All that was read has been begun, and what is to be acknowledged is done.
  bool idle() const {
    return inbound_.idle() && !(dialog_ && dialog_->crowded());
  }

  const std::string& fault() const { return fault_; }

private:
  void take(const mqtt::raw_packet& raw, const bytes& buffer);
  void take_publish(const mqtt::raw_packet& raw, const bytes& buffer);
  void acknowledge(const mqtt::raw_packet& raw);
  void subscribe(const mqtt::raw_packet& raw);
  void unsubscribe(const mqtt::raw_packet& raw);
  void take_request(const inbound_topic& request, const bytes& payload,
                    std::optional<ingress::hold> held);
  void respond(const inbound_topic& response, const bytes& payload);
  void decide_commands(std::size_t count, c2d_outcome outcome);
  void decide(std::string lock_token, c2d_outcome outcome);
  void subscriptions_changed();
  void tell_wants();
  void take_or_leave_inputs();
  void send_decisions();
  void send_deliveries();
  void give_back(std::size_t count);
  void forget_idle_dialog();
  void end(std::string_view fault);
  void write();
  input_feed& feed();
  mqtt_dialog& dialog();
  caf::actor handle() const;

  /// What has become of a packet that no route waits for.
  enum class sending {
    done,        ///< written; nobody acknowledges it
    unconfirmed, ///< written; the client has to acknowledge it
    unwanted,    ///< no filter selects its topic
    impossible   ///< it does not fit into a packet
  };
  sending publish(mqtt::publish packet, bool command);

  session_context_ptr context_;
  transport_ptr connection_;
  caf::event_based_actor* session_;
  mqtt_wishes wishes_;
  mqtt_inbound inbound_;
  subscription_set subscriptions_;
  std::unique_ptr<input_feed> feed_;    ///< once there is something to deliver
  std::unique_ptr<mqtt_dialog> dialog_; ///< while it is not idle
  std::string out_;                     ///< to be written
  std::string fault_;
  time_point progress_{}; ///< when an acknowledgement last came, or began
                          ///< to be waited for
  bool ended_ = false;
  bool goodbye_ = false; ///< DISCONNECT has come
  bool refused_ = false; ///< by the store
  bool takes_inputs_ = false;
  client_wants wants_; ///< as the registry was told
  bool waits_for_drained_ = false;
  bool acknowledged_ = false; ///< since `progress_` was set
};

} // namespace tidegate
