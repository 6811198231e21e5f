#pragma once

#include "actors/clients/client_messages.hpp"
#include "actors/clients/session_context.hpp"
#include "messages/ec.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// To the twins: answer what was held.
struct answer_held {};

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(answer_held)

/// Twins, methods and cloud-to-device messages of a node under test: remembers
/// what sessions say, and answers twin operations at once unless `holds`.
struct fake_cloud {
  explicit fake_cloud(caf::actor_system& sys)
    : twins{make_twins(sys)}, methods{make_methods(sys)}, c2d{make_c2d(sys)},
      watcher{make_watcher(sys)} {}

  ~fake_cloud() {
    for (const auto& handle :
         {caf::actor_cast<caf::actor>(twins), caf::actor_cast<caf::actor>(c2d),
          caf::actor_cast<caf::actor>(methods), watcher})
      caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
  }

  fake_cloud(const fake_cloud&) = delete;
  fake_cloud& operator=(const fake_cloud&) = delete;

  /// Gives `context` these services, and watches its registry.
  void serve(tidegate::session_context& context) {
    context.twins = twins;
    context.methods = methods;
    context.c2d = c2d;
    caf::anon_send(context.clients, tidegate::watch_clients{watcher});
  }

  /// Answers the oldest operation that was held, when actors run next.
  void answer() {
    caf::anon_send(caf::actor_cast<caf::actor>(twins), answer_held{});
  }

  tidegate::twin_text text() const {
    return {std::make_shared<const std::string>(twin)};
  }

  std::string twin = R"({"desired":{"$version":1},"reported":{"$version":1}})";
  caf::error failure;
  bool holds = false;
  std::vector<tidegate::identity_id> gets;
  std::vector<std::string> patches;
  std::vector<caf::typed_response_promise<tidegate::twin_text>> got;
  std::vector<caf::typed_response_promise<tidegate::properties_reported>>
    reported;
  std::vector<tidegate::method_response> responses;
  std::vector<tidegate::c2d_decided> decisions;
  /// What connected clients want.
  std::map<tidegate::identity_id, tidegate::client_wants> wants;

  tidegate::twins_actor twins;
  tidegate::methods_actor methods;
  tidegate::c2d_actor c2d;
  caf::actor watcher;

private:
  tidegate::twins_actor make_twins(caf::actor_system& sys) {
    using namespace tidegate;
    return caf::actor_cast<twins_actor>(
      sys.spawn([this](caf::event_based_actor* self) -> caf::behavior {
        return {
          [this, self](const get_twin& wish) -> caf::result<twin_text> {
            gets.push_back(wish.id);
            if (failure)
              return failure;
            if (!holds)
              return text();
            return got.emplace_back(self->make_response_promise<twin_text>());
          },
          [this, self](
            const report_properties& wish) -> caf::result<properties_reported> {
            patches.emplace_back(wish.patch.view);
            if (failure)
              return failure;
            if (!holds)
              return properties_reported{1};
            return reported.emplace_back(
              self->make_response_promise<properties_reported>());
          },
          [this](answer_held) {
            if (!got.empty()) {
              got.front().deliver(text());
              got.erase(got.begin());
            } else {
              reported.front().deliver(properties_reported{1});
              reported.erase(reported.begin());
            }
          }};
      }));
  }

  tidegate::methods_actor make_methods(caf::actor_system& sys) {
    using namespace tidegate;
    return sys.spawn(
      [this](methods_actor::pointer) -> methods_actor::behavior_type {
        return {[](const invoke_method&) -> caf::result<method_outcome> {
                  return ec::unavailable;
                },
                [this](const method_response& response) {
                  responses.push_back(response);
                },
                [](const abandon_call&) {}};
      });
  }

  tidegate::c2d_actor make_c2d(caf::actor_system& sys) {
    using namespace tidegate;
    return sys.spawn([this](c2d_actor::pointer) -> c2d_actor::behavior_type {
      return {[this](const c2d_decided& news) { decisions.push_back(news); },
              [](const send_c2d&) -> caf::result<c2d_queued> {
                return ec::unavailable;
              }};
    });
  }

  caf::actor make_watcher(caf::actor_system& sys) {
    return sys.spawn([this](caf::event_based_actor*) -> caf::behavior {
      return {[this](const tidegate::clients_changed& news) {
        for (const auto& [id, session, wanted] : news.now)
          wants[id] = wanted;
      }};
    });
  }
};
