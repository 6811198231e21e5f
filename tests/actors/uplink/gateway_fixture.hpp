#pragma once

#include "actors/uplink/uplink_fixture.hpp"

#include "messages/upstream_messages.hpp"

#include <caf/typed_event_based_actor.hpp>

namespace uplink_tests {

using namespace std::chrono_literals;

inline const identity_id leaf{"leaf-9", {}};
inline const identity_id pump{"edge-1", "pump"};

/// A gateway and the hub above it: twins, methods and the relay of messages
/// only note what the parent says.
struct gateway : uplink_fixture {
  client_registry_actor local = sys.spawn(
    client_registry, std::size_t{10'000}, [] { return std::int64_t{0}; },
    meters);
  std::vector<caf::actor> helpers;
  std::vector<caf::actor> ready_calls; ///< from whom, to twins and relay
  std::vector<std::pair<identity_id, std::string>> told;
  std::vector<identity_id> missed;
  std::vector<deliver_c2d> commands;
  std::vector<invoke_method> calls;
  std::vector<abandon_call> abandoned;
  bool silent = false; ///< calls are held, not answered
  std::vector<caf::typed_response_promise<method_outcome>> held;
  caf::expected<method_outcome> outcome{method_outcome{200, own("[1]")}};
  caf::actor twins = spawn_twins();
  caf::actor relay = spawn_relay();
  methods_actor methods = spawn_methods();
  caf::actor client = spawn_client();
  bool catches_up = true; ///< the twins actor says so at once

  gateway() {
    cloud = std::make_unique<fake_cloud>(sys);
    complete = [this](uplink_context& made) {
      made.twins = twins;
      made.c2d = relay;
      made.methods = methods;
      made.clients = local;
    };
  }

  ~gateway() {
    for (const auto& handle :
         {twins, relay, client, caf::actor_cast<caf::actor>(methods),
          caf::actor_cast<caf::actor>(local)})
      caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
  }

  caf::actor spawn_twins() {
    return sys.spawn([this](caf::event_based_actor*) -> caf::behavior {
      return {
        [this](const upstream_ready& news) {
          ready_calls.push_back(news.upstream);
          if (catches_up)
            caf::anon_send(news.upstream, twins_caught_up{});
        },
        [this](const upstream_desired& news) {
          told.emplace_back(news.id, *news.patch);
        },
        [this](const desired_missed& news) { missed.push_back(news.id); },
      };
    });
  }

  caf::actor spawn_relay() {
    return sys.spawn([this](caf::event_based_actor*) -> caf::behavior {
      return {[this](const upstream_ready& news) {
                ready_calls.push_back(news.upstream);
              },
              [this](const deliver_c2d& news) { commands.push_back(news); }};
    });
  }

  methods_actor spawn_methods() {
    return sys.spawn(
      [this](methods_actor::pointer by) -> methods_actor::behavior_type {
        return {
          [this, by](const invoke_method& wish) -> caf::result<method_outcome> {
            calls.push_back(wish);
            if (silent)
              return held.emplace_back(
                by->make_response_promise<method_outcome>());
            if (!outcome)
              return outcome.error();
            return *outcome;
          },
          [](const method_response&) {},
          [this](const abandon_call& call) {
            abandoned.push_back(call);
            for (auto& promise : std::exchange(held, {}))
              promise.deliver(
                caf::make_error(ec::unavailable, "the caller has left"));
          }};
      });
  }

  caf::actor spawn_client() {
    return sys.spawn([](caf::event_based_actor*) -> caf::behavior {
      return {[](const replaced&) {}};
    });
  }

  upstream_actor parent() const {
    return caf::actor_cast<upstream_actor>(ready_calls.back());
  }

  caf::error get_fails(const identity_id& id) {
    const auto twin = ask<twin_text>(parent(), fetch_twin{id});
    return twin ? caf::error{} : twin.error();
  }

  caf::expected<properties_reported> push(const identity_id& id) {
    return ask<properties_reported>(
      parent(),
      push_reported{id, std::make_shared<const std::string>(R"({"a":1})")});
  }

  bool follow(const identity_id& id, bool wanted = true) {
    return static_cast<bool>(
      ask<desired_followed>(parent(), follow_desired{id, wanted}));
  }

  void want(const identity_id& id, const client_wants& wants) {
    REQUIRE(ask<client_joined>(local, client_join{id, client, "mqtt", "peer"}));
    caf::anon_send(local, client_subscribed{id, client, wants});
    run();
  }

  void leave(const identity_id& id) {
    caf::anon_send(local, client_leave{id, client});
    run();
  }

  /// To the hub's end of the connection.
  template <class News>
  void at_hub(News news) {
    caf::anon_send(far->near, std::move(news));
    run();
  }

  void change(const identity_id& id, const std::string& patch) {
    at_hub(desired_changed{id, 2, std::make_shared<const std::string>(patch)});
  }

  void send_command(const std::string& token) {
    auto head = std::make_shared<message_head>();
    head->user = {{"k", "v"}};
    head->system = {{"messageId", "m-1"}};
    at_hub(deliver_c2d{leaf, {head, tidegate::own("open"), token, 3, 7, now}});
  }

  void pass_seconds(int count) {
    for (int i = 0; i < count; ++i)
      pass(1s);
  }

  bool known_at_hub(const identity_id& id) {
    return *ask<bool>(clients, is_connected{id});
  }
};

} // namespace uplink_tests
