#pragma once

#include "actors/clients/amqp_link.hpp"
#include "actors/clients/connection_identities.hpp"
#include "actors/clients/delivery_answers.hpp"
#include "actors/clients/ingress.hpp"
#include "actors/clients/link_index.hpp"
#include "actors/clients/pending_transfers.hpp"
#include "actors/clients/proton_engine.hpp"
#include "actors/clients/receive_arena.hpp"
#include "actors/clients/sasl_server.hpp"
#include "actors/clients/session_context.hpp"
#include "actors/clients/transport.hpp"
#include "actors/clients/twin_call.hpp"
#include "actors/service/service_links.hpp"
#include "messages/amqp/frame_guard.hpp"

#include <caf/event_based_actor.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

struct pn_delivery_t;
struct pn_session_t;

namespace tidegate {

/// The hub's end of one AMQP connection (edge-hub spec, section 2): everything
/// that the session actor does, one call per message it gets. Each call ends
/// with what is due having been given to the transport.
class amqp_connection {
public:
  /// Bytes of memory that one takes, about, before anything is said on it.
  static constexpr std::size_t base_cost = 32UL * 1024;

  amqp_connection(caf::event_based_actor* self, session_context_ptr context,
                  transport_ptr peer);

  void receive(const bytes& data);
  void stored(const append_done& answer);
  void give(const deliver& what);
  void give(const desired_changed& news);
  void give(const method_request& call);
  void give(const deliver_c2d& what);
  void answered(const twin_answered& answer);
  /// Somebody else speaks for the identity now, or it may not speak at all.
  void give_up(const replaced& what);
  /// A timer of the engine is due.
  void tick();
  /// The client has had time enough to say who it is.
  void expect_introduction();
  /// A module has had time enough to settle what it was sent.
  void expect_settled();
  /// A client has had time enough to give its credit back.
  void expect_drained();
  /// A client without links has had time enough to close.
  void expect_left();
  /// Time to verify all identities again.
  void verify_again();
  /// Links of services want to do something.
  void wake_services();
  /// The node stops: tells the client and closes.
  void stop();

private:
  // Before anybody is let in, and the bytes that come in: amqp_intake.cpp
  void take_in();
  bool take_frame(std::string_view& rest);
  bool must_wait() const;
  void wait_for_verdict();
  void let_go(std::string_view why);
  void introduce();

  // The turn: amqp_connection.cpp
  void end_turn();
  void settle_decided();
  void replenish();
  void resume_refused();
  void write_output();
  void handle_events();
  void handle(pn_event_t* event);
  void opened();
  void close_with(const link_condition& why);
  void close_connection();
  void arrived(pn_delivery_t* delivery);
  void grew(amqp_link& link, pn_delivery_t* delivery);
  void take(amqp_link& link, pn_delivery_t* delivery);
  void pump(amqp_link& link);

  // Who the client says it is: amqp_credentials.cpp
  void check_credentials();
  std::pair<int, std::string> take_token(std::string_view token);
  void take_request(pn_delivery_t* delivery, const bytes& encoded);
  void send_replies();

  // Links that come and go: amqp_attach.cpp
  void attach(pn_link_t* link);
  void serve(amqp_link& link);
  void part_from_other(const amqp_link& link);
  void close(amqp_link& link, const link_condition& why);
  void release(amqp_link& link);
  void decide(const identity_id& id, const caf::error& why);
  void supersede(const amqp_link& by);
  void granted(amqp_link& link);
  void detached(pn_link_t* link);
  void ended(pn_session_t* session);
  void drop(amqp_link& link);
  void use(amqp_link& link);
  void disuse(amqp_link& link);
  bool unused() const { return in_use_ == 0; }
  void end_when_unused();
  void open(amqp_link& link);

  // Twins, methods and messages from the cloud: amqp_dialog.cpp
  void tell(link_role role, const identity_id& id, std::string encoded);
  void take_twin_request(amqp_link& link, pn_delivery_t* delivery,
                         const bytes& encoded);
  void end_question(const twin_answered& answer);
  void take_method_answer(amqp_link& link, pn_delivery_t* delivery,
                          const bytes& encoded);
  void pass_on(c2d_decided what);
  void tell_wants(const identity_id& id);

  // Links of services: amqp_service.cpp
  void start_services();
  bool attach_service(amqp_link& link, std::string_view address);
  void judge_services();
  std::pair<int, std::string> take_service_token(std::string_view token);

  /// A twin request that is not answered yet.
  struct twin_question {
    identity_id id;
    std::string correlation;   ///< empty: no reply is wanted
    pn_link_t* link = nullptr; ///< null when it is gone
    pn_delivery_t* delivery = nullptr;
  };

  caf::event_based_actor* self_;
  session_context_ptr shared_context_;
  const session_context& context_ = *shared_context_;
  transport_ptr peer_;
  sasl_server sasl_; // before the engine, which refers to it
  proton_engine engine_;
  amqp::frame_guard guard_;
  std::deque<bytes> unheard_; ///< what came and was not taken in yet
  std::size_t spent_ = 0;     ///< memory for a client that is not introduced
  bool kept_token_ = false;   ///< that is what a frame has come to
  std::size_t stalled_ = 0;   ///< bytes of `unheard_` that were charged for
  connection_identities identities_;
  ingress ingress_;
  pending_transfers pending_;
  delivery_answers answers_;
  receive_arena arena_;
  std::unique_ptr<service_links> services_; ///< null: none are served
  std::list<amqp_link> links_;              ///< Proton's links point here
  link_index index_;                        ///< but those of cbs
  std::vector<amqp_link*> busy_;            ///< links that take events just now
  std::deque<std::string> replies_;         ///< of cbs, waiting for credit
  std::uint64_t next_reply_ = 0;
  std::unordered_map<std::uint64_t, twin_question> questions_; ///< by call
  std::uint64_t next_question_ = 0;
  std::size_t partial_ = 0;   ///< bytes of all incomplete transfers
  std::size_t held_back_ = 0; ///< read credit not given back yet
  bool leaving_ = false;      ///< `amqp_leave_due` is on its way
  std::size_t in_use_ = 0;    ///< links that keep the connection
  std::size_t refused_ = 0;   ///< links that were never served
  bool introduced_ = false;   ///< somebody has proven who it is
  bool was_used_ = false;     ///< an identity has had a link
  bool expecting_ = false;    ///< `amqp_settle_due` is on its way
  bool draining_ = false;     ///< `amqp_drain_due` is on its way
  bool waking_ = false;       ///< `amqp_service_due` is on its way
  bool taking_ = false;       ///< what came is being taken in
  bool judging_ = false;      ///< credentials of SASL PLAIN
  bool closing_ = false;
  std::chrono::milliseconds last_written_{0};
};

} // namespace tidegate
