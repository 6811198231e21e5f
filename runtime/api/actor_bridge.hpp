#pragma once

#include "messages/error_text.hpp"
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

private:
  caf::actor runner_;
};

/// How an error of ours is told over HTTP.
unsigned http_status(const caf::error& error);

/// A callback that answers with the error.
std::function<void(const caf::error&)> tell_error(http::responder answer);

} // namespace tidegate
