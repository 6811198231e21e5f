#pragma once

#include "actors/uplink/broker_session.hpp"
#include "actors/uplink/uplink.hpp"
#include "messages/iothub/telemetry_head.hpp"
#include "support/session_node.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace uplink_tests {

using namespace tidegate;

/// What a broker knows, and the one connection it has. Acknowledges what is
/// published at once, unless told otherwise.
struct fake_broker : broker_connector {
  struct line : broker_connection {
    fake_broker& broker;
    caf::actor session;
    std::vector<std::uint64_t> acknowledged;

    line(fake_broker& of, caf::actor to) : broker{of}, session{std::move(to)} {
      broker.open = this;
    }
    ~line() override {
      if (broker.open == this)
        broker.open = nullptr;
    }
    std::string publish(std::uint64_t number, const std::string& topic,
                        std::string_view payload) override {
      if (broker.takes-- == 0)
        return "the connection takes no message";
      broker.published.push_back(topic + ' ' + std::string{payload});
      if (broker.deadly && payload.find(*broker.deadly) != payload.npos) {
        broker.cut();
        return {};
      }
      if (broker.silent)
        broker.unanswered.push_back(number);
      else
        acknowledge(number);
      return {};
    }
    void subscribe(const std::string& filter) override {
      broker.filters.push_back(filter);
      caf::anon_send(session, broker_subscribed{broker.grants});
    }
    std::vector<std::uint64_t> take_acknowledged() override {
      return std::exchange(acknowledged, {});
    }
    void acknowledge(std::uint64_t number) {
      acknowledged.push_back(number);
      if (acknowledged.size() == 1)
        caf::anon_send(session, broker_acknowledged{});
    }
  };

  line* open = nullptr;
  unsigned attempts = 0;
  bool away = false;   ///< cannot be reached
  bool mute = false;   ///< takes connections, says nothing
  bool silent = false; ///< acknowledges nothing by itself
  bool grants = true;
  /// It ends the connection over payloads that hold this.
  std::optional<std::string> deadly;
  int takes = -1; ///< publications until the connection takes no more
  std::vector<std::string> published;
  std::vector<std::string> filters;
  std::vector<std::uint64_t> unanswered;

  std::unique_ptr<broker_connection> connect(caf::actor session) override {
    ++attempts;
    auto made = std::make_unique<line>(*this, session);
    if (away)
      caf::anon_send(session, broker_closed{"the broker cannot be reached"});
    else if (!mute)
      caf::anon_send(session, broker_opened{attempts > 1});
    return made;
  }

  void cut() { caf::anon_send(open->session, broker_closed{"cable cut"}); }
};

struct broker_fixture : session_node {
  std::shared_ptr<fake_broker> broker = std::make_shared<fake_broker>();
  broker_options options;
  bool with_commands = true;
  std::map<std::uint64_t, delivery_result> results;
  caf::actor route = spawn_route();
  std::vector<send_c2d> commands; ///< that were passed on
  bool c2d_hangs = false;         ///< answers only when told to
  std::vector<caf::typed_response_promise<c2d_queued>> c2d_answers;
  c2d_actor c2d = spawn_c2d();
  uplink_actor subject;

  ~broker_fixture() {
    answer_c2d();
    caf::anon_send_exit(subject, caf::exit_reason::user_shutdown);
    for (const auto& handle : {route, caf::actor_cast<caf::actor>(c2d)})
      caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
    run();
  }

  c2d_actor spawn_c2d() {
    return sys.spawn([this](c2d_actor::pointer by) -> c2d_actor::behavior_type {
      return {[this](const c2d_decided&) {
                for (auto& promise : std::exchange(c2d_answers, {}))
                  promise.deliver(c2d_queued{1});
              },
              [this, by](const send_c2d& wish) -> caf::result<c2d_queued> {
                if (wish.target.device == "nobody")
                  return ec::not_found;
                commands.push_back(wish);
                if (!c2d_hangs)
                  return c2d_queued{1};
                return c2d_answers.emplace_back(
                  by->make_response_promise<c2d_queued>());
              }};
    });
  }

  void answer_c2d() {
    caf::anon_send(c2d, c2d_decided{});
    run();
  }

  /// A publication from whoever is at the broker.
  void send(const std::string& topic, const std::string& payload) {
    caf::anon_send(broker->open->session, broker_message{topic, payload});
  }

  double counted(const std::string& result) {
    return meters
      ->counter("tidegate_uplink_commands_total",
                "Commands that came from the broker, by what became of them.",
                {{"result", result}})
      .Value();
  }

  caf::actor spawn_route() {
    return sys.spawn([this](caf::event_based_actor*) -> caf::behavior {
      return {[this](const delivered& news) {
        for (const auto& range : news.ranges)
          for (std::uint32_t i = 0; i < range.count; ++i)
            results[range.first + i] = range.result;
      }};
    });
  }

  void start() {
    std::string why;
    auto language = std::make_shared<broker_language>();
    language->edge = "edge-1";
    language->telemetry
      = *topic_template::parse("t/{device}/{output}", telemetry_places, why);
    if (with_commands)
      language->commands
        = topic_template::parse("c/{edge}/{device}", command_places, why);
    uplink_parent parent;
    parent.name = "broker.local:8883";
    parent.device = "edge-1";
    parent.meters = meters;
    parent.start
      = [made = broker_context{router, broker, language, c2d, meters, options}](
          caf::actor_system& in, const caf::actor& up,
          const std::optional<trial_order>& trial) {
          return in.spawn(broker_session, made, up, trial);
        };
    subject = sys.spawn(uplink, parent);
    run();
  }

  /// Gives payloads to the session, as a route would.
  void give(const std::vector<std::string>& payloads, std::uint64_t first = 0,
            std::vector<property> bag = {}, std::string device = "leaf") {
    block_builder builder{now};
    const auto head = make_head({std::move(device), {}}, {std::move(bag)});
    for (const auto& payload : payloads)
      builder.add(head, payload);
    REQUIRE_FALSE(ready.empty());
    const stored_block made{first, builder.finish()};
    caf::anon_send(
      ready.back().target,
      deliver{route, {}, {{lane_id{9}, made, 0, made.data->size()}}, "iothub"});
    run();
  }

  uplink_status status() {
    return *ask<uplink_status>(subject, get_uplink_status{});
  }
};

} // namespace uplink_tests
