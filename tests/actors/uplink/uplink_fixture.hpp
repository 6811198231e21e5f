#pragma once

#include "actors/uplink/uplink.hpp"

#include "actors/clients/amqp_session.hpp"
#include "actors/routing/kept_back.hpp"
#include "actors/uplink/parent_session.hpp"
#include "messages/iothub/base64.hpp"
#include "messages/iothub/sas_signature.hpp"
#include "support/fake_cloud.hpp"
#include "support/memory_transport.hpp"
#include "support/session_node.hpp"

#include <catch2/catch.hpp>

namespace uplink_tests {

using namespace tidegate;

/// A gateway's uplink and its parent in one process: the parent is a real
/// session of a hub whose store is in memory.
struct uplink_fixture : session_node {
  struct memory_network : connector {
    uplink_fixture* world = nullptr;
    void connect(const parent_endpoint&, caf::actor session) override {
      world->connect(std::move(session));
    }
  };

  /// A connection that is cut over what holds `deadly`.
  struct memory_line : memory_transport {
    explicit memory_line(uplink_fixture& in) : world{in} {}
    void write(bytes data) override {
      if (world.deadly && data.view.find(*world.deadly) != data.view.npos)
        return world.cut();
      memory_transport::write(std::move(data));
    }
    uplink_fixture& world;
  };

  std::optional<std::string> deadly;
  std::shared_ptr<memory_network> network = std::make_shared<memory_network>();
  bool cable_cut = false;
  bool parent_silent = false; ///< takes connections, says nothing
  unsigned attempts = 0;
  std::shared_ptr<memory_transport> near; ///< of the latest connection
  std::shared_ptr<memory_transport> far;
  std::vector<delivered> answers;
  std::int64_t kept = 0; ///< back by the session
  caf::actor route = spawn_route();
  caf::actor watcher = spawn_watcher();
  std::vector<bool> changes;
  uplink_options options;
  /// What the parent knows beside telemetry; nothing when null.
  std::unique_ptr<fake_cloud> cloud;
  /// Completes what the session is given.
  std::function<void(uplink_context&)> complete = [](uplink_context&) {};
  uplink_actor subject;

  uplink_fixture() { network->world = this; }

  ~uplink_fixture() {
    caf::anon_send_exit(subject, caf::exit_reason::user_shutdown);
    for (const auto& handle : {route, watcher})
      caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
    cut();
    run();
  }

  caf::actor spawn_route() {
    return sys.spawn([this](caf::event_based_actor*) -> caf::behavior {
      return {[this](const delivered& news) { answers.push_back(news); },
              [this](const kept_back& news) { kept += news.more; }};
    });
  }

  caf::actor spawn_watcher() {
    return sys.spawn([this](caf::event_based_actor*) -> caf::behavior {
      return {[this](const uplink_changed& news) {
        changes.push_back(news.reachable);
      }};
    });
  }

  void connect(caf::actor session) {
    ++attempts;
    if (cable_cut)
      return caf::anon_send(session, closed{"no route to host"});
    near = std::make_shared<memory_line>(*this);
    far = std::make_shared<memory_transport>();
    near->near = session;
    if (!parent_silent) {
      auto made = context();
      if (cloud)
        cloud->serve(made);
      far->near = sys.spawn(amqp_session, share(made), far);
      near->far = far->near;
      far->far = session;
    }
    caf::anon_send(session, connected{near});
  }

  void cut() {
    if (near) {
      near->end("cable cut");
      far->end("cable cut");
      near->near = near->far = nullptr;
      far->near = far->far = nullptr;
    }
  }

  void start() {
    uplink_context made;
    made.router = router;
    made.network = network;
    made.parent = {"parent.local", 5671, true};
    made.device = "edge-1";
    made.hub_host = "tidehub.azure-devices.net";
    made.sign = [](std::string_view data) -> std::optional<std::string> {
      return base64_encode(hmac_sha256("key", data));
    };
    made.now = [this] { return now; };
    made.options = options;
    made.meters = meters;
    complete(made);
    any_token_is_good = true;
    uplink_parent parent;
    parent.name = "parent.local:5671";
    parent.device = made.device;
    parent.start = [made](caf::actor_system& in, const caf::actor& up,
                          const std::optional<trial_order>& trial) {
      return in.spawn(parent_session, made, up, trial);
    };
    parent.meters = meters;
    subject = sys.spawn(uplink, parent);
    caf::anon_send(subject, watch_uplink{watcher});
    run();
  }

  /// Gives payloads of senders to the uplink, as a route would.
  void give(const std::vector<std::pair<identity_id, std::string>>& messages,
            std::uint64_t first = 0) {
    block_builder builder{now};
    std::map<identity_id, head_ptr> heads;
    for (const auto& [sender, payload] : messages) {
      auto& head = heads[sender];
      if (!head) {
        auto made = std::make_shared<message_head>();
        made->sender = sender;
        made->user = {{"k", "v"}};
        head = made;
      }
      builder.add(head, payload);
    }
    give({first, builder.finish()});
  }

  void give(const stored_block& block) {
    REQUIRE_FALSE(ready.empty());
    caf::anon_send(
      ready.back().target,
      deliver{
        route, {}, {{lane_id{9}, block, 0, block.data->size()}}, "iothub"});
    run();
  }

  std::map<std::uint64_t, delivery_result> results() const {
    std::map<std::uint64_t, delivery_result> all;
    for (const auto& news : answers)
      for (const auto& range : news.ranges)
        for (std::uint32_t i = 0; i < range.count; ++i)
          all[range.first + i] = range.result;
    return all;
  }

  std::map<delivery_result, std::size_t> tally() const {
    std::map<delivery_result, std::size_t> all;
    for (const auto& [offset, result] : results())
      ++all[result];
    return all;
  }

  /// Senders that wait for a link.
  double waiting() {
    return meters
      ->gauge("tidegate_uplink_senders_waiting",
              "Senders with messages for which the parent opens no link, or "
              "for which there is no room.")
      .Value();
  }

  uplink_status status() {
    return *ask<uplink_status>(subject, get_uplink_status{});
  }
};

} // namespace uplink_tests
