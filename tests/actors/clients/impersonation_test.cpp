#include "impersonation_fixture.hpp"

using namespace impersonation;

namespace {

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

using fixture = world;

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

TEST_CASE_METHOD(fixture, "a message says by what its sender was let in",
                 "[impersonation]") {
  const test_certificate shown{{"leaf"}};
  auto& leaf = known["leaf"];
  auto expected = auth_method_text(auth_method::device_token);
  std::string certificate;
  attempt as = honest;
  SECTION("a token") {}
  SECTION("a certificate") {
    leaf.credential = credential_kind::thumbprint;
    leaf.primary_thumbprint = read_client_certificate(shown.pem())->sha1;
    certificate = shown.pem();
    as = {"", "leaf", "", ""};
    expected = auth_method_text(auth_method::thumbprint);
  }
  const auto wire = mqtt(as, certificate);
  REQUIRE(wire->take_written() == "\x20\x02\0\0"s);
  send(*wire, publish("devices/leaf/messages/events/"
                      "connectionAuthMethod=mine&iothub-connection-auth-method"
                      "=mine"));
  CHECK(methods() == std::vector{std::string{expected}});
}

TEST_CASE_METHOD(fixture,
                 "a message over AMQP says by what its sender was let in",
                 "[impersonation]") {
  const auto wire = open([this](const auto& w) {
    return sys.spawn(amqp_session, share(judged()), w);
  });
  amqp_client client{*this, wire, anonymous()};
  client.open();
  REQUIRE(client.put_token(token_of(honest)) == 200);
  message_head head;
  head.system = {{"connectionAuthMethod", "mine"}};
  std::string encoded;
  amqp::write_event_head(encoded, head, 1, 1); // with that annotation
  amqp::write_data_header(encoded, 1);
  client.send(client.attach_sender(address_of("leaf")), encoded + "x");
  CHECK(
    methods()
    == std::vector{std::string{auth_method_text(auth_method::device_token)}});
}
