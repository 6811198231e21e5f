#pragma once

#include "messages/error_text.hpp"
#include "messages/identity_id.hpp"
#include "runtime/http/responder.hpp"

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <chrono>
#include <functional>

namespace tidegate {

/// Work for the bridge's actor: it runs there.
struct bridge_task {
  std::function<void(caf::event_based_actor*)> run;
};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::bridge_task)

namespace tidegate {

/// The actor behind an `actor_bridge`.
caf::behavior bridge(caf::event_based_actor* self);

/// Lets HTTP handlers, which have no mailbox, request answers of actors. The
/// callbacks run in the bridge's actor and must not block.
class actor_bridge {
public:
  explicit actor_bridge(caf::actor runner) : runner_{std::move(runner)} {}

  template <class Answer, class Handle, class Message>
  void ask(Handle whom, Message what,
           std::function<void(const Answer&)> answered,
           std::function<void(const caf::error&)> failed,
           std::chrono::seconds timeout = std::chrono::seconds{30}) const {
    caf::anon_send(
      runner_,
      bridge_task{[whom = std::move(whom), what = std::move(what),
                   answered = std::move(answered), failed = std::move(failed),
                   timeout](caf::event_based_actor* self) {
        self->request(whom, timeout, what)
          .then([answered](const Answer& answer) { answered(answer); },
                [failed](const caf::error& error) { failed(error); });
      }});
  }

  /// Has the bridge's actor do something for an operator, which may take a
  /// moment of disk.
  void run(std::function<void()> what) const {
    caf::anon_send(
      runner_, bridge_task{[what = std::move(what)](caf::event_based_actor*) {
        what();
      }});
  }

private:
  caf::actor runner_;
};

/// How an error of ours is told over HTTP.
unsigned http_status(const caf::error& error);

/// A callback that answers with the error.
std::function<void(const caf::error&)> tell_error(http::responder answer);

/// Makes such a callback for an error about an identity.
using error_teller = std::function<std::function<void(const caf::error&)>(
  http::responder, const identity_id&)>;

/// As `tell_error`, whoever it is about.
std::function<void(const caf::error&)>
tell_plain_error(http::responder answer, const identity_id& about);

} // namespace tidegate
