#pragma once

#include "actors/clients/amqp_session.hpp"
#include "actors/clients/mqtt_session.hpp"
#include "actors/identity/judge.hpp"
#include "messages/amqp/writer.hpp"
#include "messages/ec.hpp"
#include "messages/iothub/base64.hpp"
#include "messages/iothub/client_certificate.hpp"
#include "messages/iothub/percent.hpp"
#include "messages/iothub/sas_signature.hpp"
#include "messages/iothub/user_name.hpp"
#include "messages/mqtt/encode.hpp"
#include "support/amqp_client.hpp"
#include "support/session_node.hpp"
#include "support/test_certificate.hpp"

#include <catch2/catch.hpp>
#include <map>

namespace impersonation {

using namespace tidegate;
using namespace std::string_literals;

inline constexpr auto hub = "tidehub.azure-devices.net";
inline constexpr std::chrono::sys_seconds later{
  std::chrono::seconds{4'102'444'800}};
inline constexpr std::chrono::sys_seconds before{
  std::chrono::seconds{1'600'000'000}};

/// A key of its own for everybody.
inline std::string key_of(const std::string& id) {
  return base64_encode(hmac_sha256("seed", id));
}

/// One way to pretend to be `as`.
struct attempt {
  const char* what;
  std::string as;
  std::string audience; ///< whom the token speaks of; empty: no token
  std::string signer;   ///< whose key signs it
  std::string chain;
  const char* host = hub;
  std::chrono::sys_seconds expires = later;
};

/// Sessions of a node that judges by identities which the test knows.
struct world : session_node {
  std::map<std::string, identity> known;
  authenticator_actor judging = spawn_judge();
  std::vector<std::shared_ptr<memory_transport>> wires;
  std::vector<caf::actor> sessions;

  world() {
    for (const auto* id : {"edge", "edge/$edgeHub", "edge/m", "edge/n", "edge2",
                           "edge2/$edgeHub", "inner", "inner/$edgeHub", "leaf",
                           "leaf-2", "other", "plain"}) {
      auto& made = known[id];
      made.id = parse_identity_id(std::string_view{id});
      made.primary_key = key_of(id);
    }
    known["edge"].edge = known["edge2"].edge = known["inner"].edge = true;
    known["inner"].parent = known["leaf"].parent = known["leaf-2"].parent
      = "edge";
    known["other"].parent = "edge2";
  }

  ~world() {
    for (const auto& session : sessions)
      caf::anon_send_exit(session, caf::exit_reason::kill);
    caf::anon_send_exit(judging, caf::exit_reason::user_shutdown);
  }

  authenticator_actor spawn_judge() {
    return sys.spawn([this](authenticator_actor::pointer)
                       -> authenticator_actor::behavior_type {
      return {[this](const authenticate& wish) -> caf::result<authenticated> {
        const auto how = judge(
          wish,
          [this](const identity_id& id) -> std::optional<identity> {
            const auto found = known.find(to_string(id));
            if (found == known.end())
              return std::nullopt;
            return found->second;
          },
          {{hub}, {}}, sas_time{std::chrono::seconds{1'767'323'045}});
        if (how.verdict == judgement::kind::valid)
          return authenticated{wish.id, 0, how.method};
        return caf::make_error(ec::unauthorized, how.reason);
      }};
    });
  }

  session_context judged() {
    auto made = context();
    made.authenticator = judging;
    return made;
  }

  template <class Start>
  std::shared_ptr<memory_transport> open(Start start,
                                         const std::string& certificate = {}) {
    auto wire = std::make_shared<memory_transport>();
    wire->info.certificate = certificate;
    wire->near = start(wire);
    sessions.push_back(wire->near);
    wires.push_back(wire);
    run();
    return wire;
  }

  static std::string token_of(const attempt& of) {
    if (of.audience.empty())
      return {};
    return *mint_sas_token(of.host, parse_identity_id(of.audience),
                           key_of(of.signer), of.expires);
  }

  std::shared_ptr<memory_transport> mqtt(const attempt& as,
                                         const std::string& certificate = {}) {
    auto wire = open(
      [this](const auto& w) {
        return sys.spawn(mqtt_session, w, share(judged()));
      },
      certificate);
    user_name who;
    who.id = parse_identity_id(as.as);
    if (!as.chain.empty())
      who.auth_chain = as.chain;
    const auto user = format_user_name(hub, who, "2021-04-12");
    const auto token = token_of(as);
    mqtt::connect packet;
    packet.client_id = as.as;
    packet.user_name = user;
    if (!token.empty())
      packet.password = token;
    packet.keep_alive = 60;
    std::string text;
    REQUIRE(encode(text, packet));
    send(*wire, text);
    return wire;
  }

  void send(memory_transport& to, const std::string& text) {
    caf::anon_send(to.near, received{own(std::string{text})});
    run();
  }

  static std::string address_of(const std::string& id) {
    const auto who = parse_identity_id(id);
    return "/devices/" + percent_encode(who.device)
           + (who.is_module() ? "/modules/" + percent_encode(who.module) : "")
           + "/messages/events";
  }

  /// Whether somebody has come to speak for `id`.
  bool speaks(const std::string& id) {
    return *ask<bool>(clients, is_connected{parse_identity_id(id)});
  }

  /// By what the senders of everything that is stored were let in.
  std::vector<std::string> methods() {
    std::vector<std::string> all;
    for (const auto& block : memory.lanes[1].blocks)
      for (std::uint32_t i = 0; i < block.data->size(); ++i)
        for (const auto& one : block.data->head(i)->system)
          if (one.name == auth_method_property)
            all.push_back(one.value.value_or(""));
    return all;
  }

  /// The senders of everything that is stored.
  std::vector<std::string> senders() {
    std::vector<std::string> all;
    for (const auto& block : memory.lanes[1].blocks)
      for (std::uint32_t i = 0; i < block.data->size(); ++i)
        all.push_back(to_string(block.data->head(i)->sender));
    return all;
  }
};

inline proton::connection_options anonymous() {
  return proton::connection_options{}.container_id("client").sasl_allowed_mechs(
    "ANONYMOUS");
}

inline std::string publish(const std::string& topic) {
  mqtt::publish packet;
  packet.topic = topic;
  packet.payload = "forged";
  packet.packet_id = 7;
  packet.quality = mqtt::qos::at_least_once;
  std::string text;
  REQUIRE(encode(text, packet));
  return text;
}

inline const attempt honest{"", "leaf", "leaf", "leaf"};

} // namespace impersonation
