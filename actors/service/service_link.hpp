#pragma once

#include "actors/clients/link_condition.hpp"
#include "actors/clients/session_context.hpp"
#include "actors/clients/settled_sender.hpp"

#include <caf/event_based_actor.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

struct pn_delivery_t;
struct pn_link_t;

namespace tidegate {

/// What the links of a service share on their connection.
struct service_link_context {
  caf::event_based_actor* self = nullptr;
  const session_context* node = nullptr;
  /// What was decided goes out.
  std::function<void()> end_turn;
  /// Closes a link from this side; the link's object is gone afterwards.
  std::function<void(pn_link_t*, const link_condition&)> close;
  /// Has `service_link::wake` called after that time, or earlier.
  std::function<void(std::chrono::milliseconds)> wake_after;
  /// Links that take answers about the event log, by their own address.
  std::map<std::string, settled_sender*> answer_links;
};

/// One link of a service: what happens on it. Used inside the session actor.
class service_link {
public:
  service_link(service_link_context& context, pn_link_t* link)
    : context_{context}, link_{link} {}
  virtual ~service_link() = default;
  service_link(const service_link&) = delete;
  service_link& operator=(const service_link&) = delete;

  /// The client gives credit, or asks for it back.
  virtual void granted() {}
  /// The client has said something about a delivery.
  virtual void decided(pn_delivery_t*) {}
  /// A whole transfer has come.
  virtual void take(pn_delivery_t*, const bytes&) {}
  /// Time has passed.
  virtual void wake() {}

protected:
  /// Requests something; the callbacks run unless the link is gone by then.
  template <class Answer, class Handle, class Message, class Then, class Failed>
  void ask(const Handle& whom, Message what, std::chrono::seconds timeout,
           Then then, Failed failed) {
    const std::weak_ptr<char> alive = alive_;
    auto* const shared = &context_;
    context_.self->request(whom, timeout, std::move(what))
      .then(
        [alive, shared, then](const Answer& answer) {
          if (alive.expired())
            return;
          then(answer);
          shared->end_turn();
        },
        [alive, shared, failed](const caf::error& error) {
          if (alive.expired())
            return;
          failed(error);
          shared->end_turn();
        });
  }

  service_link_context& context_;
  pn_link_t* link_;

private:
  std::shared_ptr<char> alive_ = std::make_shared<char>();
};

} // namespace tidegate
