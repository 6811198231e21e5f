#include "actors/uplink/token_check.hpp"

#include "actors/clients/proton_engine.hpp"
#include "actors/uplink/parent_verdict.hpp"
#include "actors/uplink/token_links.hpp"
#include "messages/ec.hpp"
#include "messages/iothub/percent.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>

#include <proton/condition.h>
#include <proton/connection.h>
#include <proton/event.h>
#include <proton/link.h>
#include <proton/session.h>
#include <proton/terminus.h>
#include <proton/transport.h>

#include <optional>
#include <utility>

namespace tidegate {

namespace {

/// A check to itself: it has taken too long.
struct check_due {};

} // namespace

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::check_due)

namespace tidegate {

namespace {

caf::error unasked(const std::string& why) {
  return caf::make_error(ec::unavailable, why);
}

caf::error refused(const std::string& why) {
  return caf::make_error(ec::unauthorized, "the parent refused it: " + why);
}

/// What the parent's answer to the token itself means. It is new on this
/// connection, so that what the parent finds wrong is the token.
caf::error verdict_of(int status, const std::string& why) {
  if (status / 100 == 2)
    return {};
  const auto text = std::to_string(status) + ' ' + why;
  return status / 100 == 4 && status != 429 ? refused(text) : unasked(text);
}

caf::error verdict_of(std::string_view condition) {
  const auto code = refusal_of(condition);
  const std::string text{condition};
  return code == ec::unauthorized || code == ec::not_found ? refused(text)
                                                           : unasked(text);
}

/// The conversation of one check, without the actor.
class check_dialog {
public:
  check_dialog(const token_check_context& context, identity_id id,
               std::string token, transport_ptr peer)
    : context_{context}, id_{std::move(id)}, peer_{std::move(peer)},
      engine_{proton_engine::side::connects,
              proton::connection_options{}
                .container_id("tidegate/" + context.device + "/check")
                .virtual_host(context.hub_host)
                .sasl_allowed_mechs("ANONYMOUS")},
      session_{pn_session(engine_.connection())}, tokens_{session_} {
    pn_session_open(session_);
    tokens_.show(context.hub_host, id_, token,
                 [this](int status, const std::string& why) {
                   if (const auto failed = verdict_of(status, why))
                     verdict_ = failed;
                   else
                     open_link();
                 });
    write();
  }

  void receive(const bytes& data) {
    for (auto rest = data.view; !rest.empty();) {
      rest = engine_.feed(rest);
      while (auto* const event = engine_.next_event())
        handle(event);
    }
    peer_->give_back(data.size());
    write();
  }

  /// No error inside: the token is good.
  const std::optional<caf::error>& verdict() const { return verdict_; }

private:
  /// A hub may have kept the token unseen; the link shows what it is worth.
  void open_link() {
    link_ = pn_sender(session_, "check");
    auto address = "/devices/" + percent_encode(id_.device);
    if (id_.is_module())
      address += "/modules/" + percent_encode(id_.module);
    pn_terminus_set_address(pn_link_target(link_),
                            (address + "/messages/events").c_str());
    pn_link_open(link_);
  }

  void write() {
    while (true) {
      while (auto* const event = engine_.next_event())
        handle(event);
      auto output = engine_.take_output();
      if (output.empty())
        return;
      peer_->write(own(std::move(output)));
    }
  }

  void end(pn_condition_t* condition) {
    if (verdict_)
      return;
    const auto* name = pn_condition_get_name(condition);
    verdict_ = unasked(name ? name : "the parent closed the connection");
  }

  void handle(pn_event_t* event) {
    auto* const link = pn_event_link(event);
    switch (pn_event_type(event)) {
    case PN_CONNECTION_REMOTE_CLOSE:
      return end(pn_connection_remote_condition(engine_.connection()));
    case PN_SESSION_REMOTE_CLOSE:
      return end(pn_session_remote_condition(session_));
    case PN_TRANSPORT_ERROR:
      return end(pn_transport_condition(engine_.transport()));
    case PN_LINK_REMOTE_DETACH:
    case PN_LINK_REMOTE_CLOSE:
      if (link != link_)
        return end(pn_link_remote_condition(link));
      if (const auto* why
          = pn_condition_get_name(pn_link_remote_condition(link));
          !verdict_)
        verdict_ = verdict_of(why ? why : "");
      return;
    case PN_LINK_FLOW:
      if (tokens_.owns(link))
        tokens_.flowed();
      else if (link == link_ && !verdict_ && pn_link_credit(link) > 0)
        verdict_ = caf::error{};
      return;
    case PN_DELIVERY:
      if (tokens_.owns(link) && !tokens_.arrived(pn_event_delivery(event))
          && !verdict_)
        verdict_ = unasked("its answer to the token is damaged");
      return;
    default:
      return;
    }
  }

  const token_check_context& context_;
  identity_id id_;
  transport_ptr peer_;
  proton_engine engine_;
  pn_session_t* session_;
  token_links tokens_;
  pn_link_t* link_ = nullptr;
  std::optional<caf::error> verdict_;
};

/// Tells its verdict when it ends, however it ends.
struct token_check_state {
  static inline const char* name = "token_check";

  ~token_check_state() {
    if (transport)
      transport->close();
    caf::anon_send(who, std::move(verdict));
  }

  token_check_context context;
  token_verdict verdict;
  caf::actor who;
  transport_ptr transport;
  std::unique_ptr<check_dialog> dialog;
};

using self_pointer = caf::stateful_actor<token_check_state>*;

void end(self_pointer self, caf::error why) {
  self->state.verdict.why = std::move(why);
  self->quit();
}

void end_if_decided(self_pointer self) {
  if (const auto& verdict = self->state.dialog->verdict())
    end(self, *verdict);
}

caf::behavior token_check(self_pointer self, token_check_context context,
                          const identity_id& id, const std::string& token,
                          caf::actor who) {
  auto& state = self->state;
  state.context = std::move(context);
  state.verdict = {id, token, unasked("the node stops")};
  state.who = std::move(who);
  self->monitor(state.who);
  self->set_down_handler([self](const caf::down_msg&) { self->quit(); });
  self->delayed_send(self, state.context.patience, check_due{});
  state.context.network->connect(state.context.parent,
                                 caf::actor_cast<caf::actor>(self));
  return {
    [self](const connected& news) {
      auto& s = self->state;
      s.transport = news.transport;
      s.dialog = std::make_unique<check_dialog>(
        s.context, s.verdict.id, s.verdict.token, news.transport);
      end_if_decided(self);
    },
    [self](const received& what) {
      self->state.dialog->receive(what.data);
      end_if_decided(self);
    },
    [self](const closed& news) { end(self, unasked(news.reason)); },
    [self](check_due) {
      end(self, unasked("the parent did not answer in time"));
    },
  };
}

class parent_token_checker final : public token_checker {
public:
  parent_token_checker(caf::actor_system& in, token_check_context context)
    : system_{in}, context_{std::move(context)} {}

  void check(const identity_id& id, const std::string& token,
             caf::actor who) override {
    system_.spawn(token_check, context_, id, token, std::move(who));
  }

private:
  caf::actor_system& system_;
  token_check_context context_;
};

} // namespace

std::shared_ptr<token_checker> make_token_checker(caf::actor_system& in,
                                                  token_check_context context) {
  return std::make_shared<parent_token_checker>(in, std::move(context));
}

} // namespace tidegate
