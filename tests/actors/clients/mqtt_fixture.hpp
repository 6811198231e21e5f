#pragma once

#include "actors/clients/mqtt_session.hpp"
#include "actors/clients/registry.hpp"
#include "messages/ec.hpp"
#include "messages/iothub/user_name.hpp"
#include "messages/mqtt/decode.hpp"
#include "messages/mqtt/encode.hpp"
#include "messages/routing/route_table.hpp"
#include "support/deterministic.hpp"
#include "support/memory_transport.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

/// A connection as its MQTT client sees it.
struct mqtt_connection : memory_transport {
  /// Bytes from the client.
  void arrive(std::string data) {
    arrived += data.size();
    caf::anon_send(near, tidegate::received{tidegate::own(std::move(data))});
  }

  /// The client goes away.
  void vanish() { end("the peer is gone"); }

  std::size_t arrived = 0;
};

/// A node around MQTT sessions: a store that answers when it is told to, an
/// authenticator that knows tokens `good:<id>`, the real registry, and a
/// router that only listens.
struct mqtt_node : deterministic {
  using identity = tidegate::identity_id;

  mqtt_node() {
    route({{"up", "FROM /messages/* INTO $upstream"}});
    context.store = make_store();
    context.authenticator = make_authenticator();
    context.clients = sys.spawn(
      tidegate::client_registry, std::size_t{100},
      [] { return std::int64_t{0}; }, context.meters);
    context.router = make_router();
    context.device = "edge-1";
    context.now = [] { return tidegate::wall_time{std::chrono::seconds{1}}; };
    context.elapsed = [] { return tidegate::elapsed_time{}; };
  }

  ~mqtt_node() {
    for (const auto& each : connections)
      each->vanish();
    sched.run();
    for (const auto& handle :
         {caf::actor_cast<caf::actor>(context.store),
          caf::actor_cast<caf::actor>(context.authenticator),
          caf::actor_cast<caf::actor>(context.clients), context.router})
      caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
    context = {};
  }

  /// Puts routes in force; lane 1 is the first sink's, and so on.
  void route(const std::map<std::string, std::string>& routes) {
    boost::json::object spec;
    for (const auto& [name, text] : routes)
      spec[name] = text;
    auto parsed = tidegate::routing::parse_routes(spec, {1, 1}, "edge-1");
    REQUIRE(parsed);
    auto snapshot = std::make_shared<tidegate::route_snapshot>();
    snapshot->table = std::make_shared<const tidegate::routing::route_table>(
      std::move(*parsed), std::chrono::seconds{-1}, "edge-1");
    for (std::size_t i = 0; i < snapshot->table->sinks().size(); ++i)
      snapshot->lanes.push_back(tidegate::lane_id{next_lane++});
    board->publish(snapshot);
  }

  /// A new connection, of which nothing has arrived yet.
  mqtt_connection& open() {
    connections.push_back(std::make_shared<mqtt_connection>());
    auto& made = *connections.back();
    made.near
      = sys.spawn(tidegate::mqtt_session, connections.back(), share(context));
    sched.run();
    return made;
  }

  static std::string connect_packet(const identity& id, bool clean = true,
                                    std::uint16_t keep_alive = 60) {
    return connect_packet(id, "good:" + to_string(id), clean, keep_alive);
  }
  static std::string
  connect_packet(const identity& id, const std::string& token, bool clean,
                 std::uint16_t keep_alive,
                 std::optional<tidegate::mqtt::will> will = {}) {
    const auto client = to_string(id);
    const auto user
      = tidegate::format_user_name("hub", {id, "", {}, {}}, "2021-04-12");
    tidegate::mqtt::connect packet;
    packet.client_id = client;
    packet.user_name = user;
    if (!token.empty())
      packet.password = token;
    packet.clean_session = clean;
    packet.keep_alive = keep_alive;
    packet.last_will = will;
    std::string text;
    REQUIRE(encode(text, packet));
    return text;
  }

  /// A connection that is let in, its CONNACK read.
  mqtt_connection& connected(const identity& id, bool clean = true) {
    auto& made = open();
    made.arrive(connect_packet(id, clean));
    sched.run();
    REQUIRE(made.take_written().substr(0, 2) == "\x20\x02");
    REQUIRE_FALSE(made.is_closed);
    return made;
  }

  static std::string publish_packet(const std::string& topic,
                                    const std::string& payload,
                                    std::uint16_t packet_id = 0,
                                    unsigned flags = 0) {
    tidegate::mqtt::publish packet;
    packet.topic = topic;
    packet.payload = payload;
    packet.packet_id = packet_id;
    packet.quality = packet_id != 0 ? tidegate::mqtt::qos::at_least_once
                                    : tidegate::mqtt::qos::at_most_once;
    packet.retain = flags & 1;
    std::string text;
    REQUIRE(encode(text, packet));
    return text;
  }

  static std::string subscribe_packet(const std::string& filter,
                                      unsigned quality = 1) {
    std::string text;
    REQUIRE(encode(
      text, tidegate::mqtt::subscribe{
              1, {{filter, static_cast<tidegate::mqtt::qos>(quality)}}}));
    return text;
  }

  static std::string puback(std::uint16_t id) {
    std::string text;
    encode_packet_id(text, tidegate::mqtt::packet_type::puback, id);
    return text;
  }

  static std::string pubacks(std::initializer_list<std::uint16_t> ids) {
    std::string text;
    for (const auto id : ids)
      text += puback(id);
    return text;
  }

  void arrive(mqtt_connection& at, const std::string& data) {
    at.arrive(data);
    sched.run();
  }

  /// Answers the oldest append that has no answer yet.
  void answer(const caf::error& error = {}) {
    REQUIRE(answered < appended.size());
    const auto& oldest = appended[answered++];
    caf::anon_send(oldest.reply_to, tidegate::append_done{oldest.tag, error});
    sched.run();
  }

  /// Whether an actor that `self` monitors has ended since the last call.
  bool has_ended() {
    bool down = false;
    self->receive([&down](const caf::down_msg&) { down = true; },
                  caf::after(std::chrono::seconds{0}) >> [] {});
    return down;
  }

  /// The payloads that reached the store, in order, whatever their lane.
  std::vector<std::string> stored() const {
    std::vector<std::string> all;
    for (const auto& each : appended)
      for (const auto& [lane, block] : each.blocks)
        for (std::uint32_t i = 0; i < block->size(); ++i)
          all.emplace_back(block->payload(i));
    return all;
  }

  std::size_t counted(const std::string& name) const {
    double sum = 0;
    for (const auto& family : registry->Collect())
      if (family.name == name)
        for (const auto& metric : family.metric)
          sum += metric.counter.value;
    return static_cast<std::size_t>(sum);
  }

  std::shared_ptr<prometheus::Registry> registry
    = std::make_shared<prometheus::Registry>();
  std::shared_ptr<tidegate::route_board> board
    = std::make_shared<tidegate::route_board>();
  tidegate::session_context context{
    .store = {},
    .authenticator = {},
    .clients = {},
    .router = {},
    .twins = {},
    .methods = {},
    .c2d = {},
    .routes = board,
    .meters
    = std::make_shared<tidegate::metrics>(registry, prometheus::Labels{}),
    .sessions = std::make_shared<tidegate::memory_session_archive>(),
    .limits = {},
    .device = {},
    .hub_host = {},
    .gateway_host = {},
    .now = {},
    .elapsed = {}};
  std::vector<std::shared_ptr<mqtt_connection>> connections;
  std::vector<tidegate::append> appended;
  std::size_t answered = 0;
  bool answers_at_once = true;
  bool answers_authentication = true;
  caf::error authentication_error;
  std::vector<tidegate::authenticate> asked;
  std::vector<tidegate::target_ready> ready;
  std::vector<tidegate::target_gone> gone;
  std::uint32_t next_lane = 1;

private:
  /// Sessions send a store nothing but this.
  tidegate::store_actor make_store() {
    using namespace tidegate;
    return caf::actor_cast<store_actor>(
      sys.spawn([this](caf::event_based_actor*) -> caf::behavior {
        return {[this](const append& wish) {
          appended.push_back(wish);
          if (answers_at_once) {
            ++answered;
            caf::anon_send(wish.reply_to, append_done{wish.tag, {}});
          }
        }};
      }));
  }

  tidegate::authenticator_actor make_authenticator() {
    using namespace tidegate;
    return sys.spawn([this](
                       authenticator_actor::stateful_pointer<held_answers> who)
                       -> authenticator_actor::behavior_type {
      return {[this,
               who](const authenticate& wish) -> caf::result<authenticated> {
        asked.push_back(wish);
        if (authentication_error)
          return authentication_error;
        const auto& shown = wish.token.empty() ? wish.certificate : wish.token;
        if (shown != "good:" + to_string(wish.id))
          return caf::make_error(ec::unauthorized, "wrong token");
        if (answers_authentication)
          return authenticated{wish.id, 0};
        auto promise = who->make_response_promise<authenticated>();
        who->state.promises.push_back(promise);
        return promise;
      }};
    });
  }

  caf::actor make_router() {
    using namespace tidegate;
    return sys.spawn([this](caf::event_based_actor*) -> caf::behavior {
      return {
        [this](const target_ready& news) { ready.push_back(news); },
        [this](const target_gone& news) { gone.push_back(news); },
      };
    });
  }

  struct held_answers {
    std::vector<caf::typed_response_promise<tidegate::authenticated>> promises;
  };
};
