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

using namespace tidegate;
using namespace std::string_literals;

namespace {

constexpr auto hub = "tidehub.azure-devices.net";
constexpr std::chrono::sys_seconds later{std::chrono::seconds{4'102'444'800}};
constexpr std::chrono::sys_seconds before{std::chrono::seconds{1'600'000'000}};

/// A key of its own for everybody.
std::string key_of(const std::string& id) {
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

const attempt attempts[]{
  {"another identity's token", "leaf", "other", "other"},
  {"a token signed with another's key", "leaf", "leaf", "other"},
  {"a token for another host", "leaf", "leaf", "leaf", "", "elsewhere.net"},
  {"a token that has expired", "leaf", "leaf", "leaf", "", hub, before},
  {"nothing at all", "leaf", "", ""},
  {"a device's name that begins alike", "leaf", "leaf-2", "leaf-2"},
  {"a module with another device's key", "edge/m", "edge/m", "edge2"},
  {"a module with another device's token", "edge/m", "edge2", "edge2"},
  {"a module with another module's token", "edge/m", "edge/n", "edge/n"},
  {"a device with its module's token", "edge", "edge/m", "edge/m"},
  {"a hub module with a module's token", "edge/$edgeHub", "edge/m", "edge/m"},
  {"an edge device that is not the parent", "leaf", "edge2/$edgeHub",
   "edge2/$edgeHub", "leaf;edge2"},
  {"the parent, for a device elsewhere", "other", "edge/$edgeHub",
   "edge/$edgeHub", "other;edge"},
  {"a plain device that acts for another", "leaf", "plain", "plain",
   "leaf;plain"},
  {"a plain device with a module called as the hub", "leaf", "plain/$edgeHub",
   "plain", "leaf;plain"},
  {"a module of the parent that is not its hub", "leaf", "edge/m", "edge/m",
   "leaf;edge/m"},
  {"such a module in the hub's name", "leaf", "edge/m", "edge/m", "leaf;edge"},
  {"a chain that begins with somebody else", "leaf", "edge2/$edgeHub",
   "edge2/$edgeHub", "other;edge2"},
  {"a chain that ends in itself", "leaf", "other", "other", "leaf;other"},
  {"an edge device that is below", "edge", "inner/$edgeHub", "inner/$edgeHub",
   "edge;inner"},
};

struct fixture : session_node {
  std::map<std::string, identity> known;
  authenticator_actor judging = spawn_judge();
  std::vector<std::shared_ptr<memory_transport>> wires;
  std::vector<caf::actor> sessions;

  fixture() {
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

  ~fixture() {
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
          return authenticated{wish.id, 0};
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

  /// The senders of everything that is stored.
  std::vector<std::string> senders() {
    std::vector<std::string> all;
    for (const auto& block : memory.lanes[1].blocks)
      for (std::uint32_t i = 0; i < block.data->size(); ++i)
        all.push_back(to_string(block.data->head(i)->sender));
    return all;
  }
};

proton::connection_options anonymous() {
  return proton::connection_options{}.container_id("client").sasl_allowed_mechs(
    "ANONYMOUS");
}

std::string publish(const std::string& topic) {
  mqtt::publish packet;
  packet.topic = topic;
  packet.payload = "forged";
  packet.packet_id = 7;
  packet.quality = mqtt::qos::at_least_once;
  std::string text;
  REQUIRE(encode(text, packet));
  return text;
}

const attempt honest{"", "leaf", "leaf", "leaf"};

} // namespace

TEST_CASE_METHOD(fixture, "nobody can pretend to be another over MQTT",
                 "[impersonation]") {
  for (const auto& one : attempts) {
    INFO(one.what);
    const auto wire = mqtt(one);
    CHECK(wire->take_written() == "\x20\x02\0\5"s);
    CHECK(wire->is_closed);
    CHECK_FALSE(speaks(one.as));
  }
  const auto wire = mqtt(honest);
  CHECK(wire->take_written() == "\x20\x02\0\0"s);
}

TEST_CASE_METHOD(fixture, "nobody can pretend to be another over AMQP",
                 "[impersonation]") {
  for (const auto& one : attempts) {
    INFO(one.what);
    const auto wire = open([this](const auto& w) {
      return sys.spawn(amqp_session, share(judged()), w);
    });
    amqp_client client{*this, wire, anonymous()};
    client.open();
    if (const auto token = token_of(one); !token.empty())
      CHECK(client.put_token(token) == (one.expires == before ? 400 : 200));
    auto* const link = client.attach_sender(address_of(one.as), one.chain);
    CHECK_FALSE(client.is_open(link));
    CHECK(amqp_client::error_of(link) == "amqp:not-allowed");
    CHECK_FALSE(speaks(one.as));
  }
}

TEST_CASE_METHOD(fixture, "an edge hub that may act for others does",
                 "[impersonation]") {
  const attempt acting{"", "leaf", "edge/$edgeHub", "edge/$edgeHub",
                       "leaf;edge"};
  CHECK(mqtt(acting)->take_written() == "\x20\x02\0\0"s);
  const auto wire = open([this](const auto& w) {
    return sys.spawn(amqp_session, share(judged()), w);
  });
  amqp_client client{*this, wire, anonymous()};
  client.open();
  REQUIRE(client.put_token(token_of(acting)) == 200);
  CHECK(client.is_open(client.attach_sender(address_of("leaf"), "leaf;edge")));
  SECTION("but not for those elsewhere, on the same connection") {
    CHECK_FALSE(
      client.is_open(client.attach_sender(address_of("other"), "other;edge")));
    CHECK_FALSE(client.is_open(client.attach_sender(address_of("leaf-2"))));
  }
}

TEST_CASE_METHOD(fixture, "who is let in speaks for itself only over MQTT",
                 "[impersonation]") {
  const auto wire = mqtt(honest);
  REQUIRE(wire->take_written() == "\x20\x02\0\0"s);
  for (const auto* topic :
       {"devices/other/messages/events/",
        "devices/leaf/modules/m/messages/events/",
        "devices/leaf-2/messages/events/%24.cdid=leaf",
        "devices/leaf/messages/events/%24.cdid=other&%24.cmid=m",
        "devices/leaf/messages/events/iothub-connection-device-id=other"}) {
    INFO(topic);
    if (!wire->is_closed)
      send(*wire, publish(topic));
  }
  for (const auto& sender : senders())
    CHECK(sender == "leaf");
}

TEST_CASE_METHOD(fixture, "who is let in speaks for itself only over AMQP",
                 "[impersonation]") {
  const auto wire = open([this](const auto& w) {
    return sys.spawn(amqp_session, share(judged()), w);
  });
  amqp_client client{*this, wire, anonymous()};
  client.open();
  REQUIRE(client.put_token(token_of(honest)) == 200);
  for (const auto* id : {"other", "leaf-2", "leaf/m", "edge", "edge/m"}) {
    INFO(id);
    auto* const link = client.attach_sender(address_of(id));
    CHECK_FALSE(client.is_open(link));
  }
  auto* const own_link = client.attach_sender(address_of("leaf"));
  REQUIRE(client.is_open(own_link));
  message_head head;
  head.user = {{"iothub-connection-device-id", "other"},
               {"iothub-connection-module-id", "m"}};
  std::string encoded;
  amqp::write_upstream_head(encoded, head);
  amqp::write_data_header(encoded, 6);
  client.send(own_link, encoded + "forged");
  CHECK(senders() == std::vector<std::string>{"leaf"});
}

TEST_CASE_METHOD(fixture, "a certificate lets in whom it is for",
                 "[impersonation][x509]") {
  const test_certificate shown{{"leaf"}};
  auto& leaf = known["leaf"];
  leaf.credential = credential_kind::thumbprint;
  leaf.primary_thumbprint = "";
  leaf.secondary_thumbprint = read_client_certificate(shown.pem())->sha1;
  const attempt silent{"", "leaf", "", ""};
  CHECK(mqtt(silent, shown.pem())->take_written() == "\x20\x02\0\0"s);
  const attempt thief{"", "other", "", ""};
  CHECK(mqtt(thief, shown.pem())->take_written() == "\x20\x02\0\5"s);
  const attempt module{"", "leaf/m", "", ""};
  CHECK(mqtt(module, shown.pem())->take_written() == "\x20\x02\0\5"s);

  const auto wire = open(
    [this](const auto& w) {
      return sys.spawn(amqp_session, share(judged()), w);
    },
    shown.pem());
  const auto* mechanism = GENERATE("EXTERNAL", "ANONYMOUS");
  amqp_client client{
    *this, wire,
    proton::connection_options{}.container_id("client").sasl_allowed_mechs(
      mechanism)};
  client.open();
  CHECK(client.is_open(client.attach_sender(address_of("leaf"))));
  CHECK_FALSE(client.is_open(client.attach_sender(address_of("other"))));
  CHECK_FALSE(client.is_open(client.attach_sender(address_of("leaf/m"))));
}

TEST_CASE_METHOD(fixture, "EXTERNAL is for those who show a certificate",
                 "[impersonation][x509]") {
  const auto wire = open([this](const auto& w) {
    return sys.spawn(amqp_session, share(judged()), w);
  });
  amqp_client client{
    *this, wire,
    proton::connection_options{}.container_id("client").sasl_allowed_mechs(
      "EXTERNAL")};
  client.open();
  CHECK_FALSE(client.is_open(client.attach_sender(address_of("leaf"))));
}
