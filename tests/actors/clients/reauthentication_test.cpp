// Sessions and the identities they depend on, together: what was let in does
// not stay when it would not be let in any more (edge-hub spec 3.6).

#include "actors/clients/amqp_fixture.hpp"
#include "actors/clients/amqp_session.hpp"
#include "actors/clients/mqtt_session.hpp"
#include "actors/identity/identities.hpp"
#include "messages/iothub/client_certificate.hpp"
#include "messages/iothub/sas_signature.hpp"
#include "messages/iothub/user_name.hpp"
#include "messages/mqtt/encode.hpp"
#include "support/lane_fixture.hpp"
#include "support/session_node.hpp"
#include "support/test_certificate.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

constexpr auto hub = "tidehub.azure-devices.net";
const std::string key_one = "b25lIG9uZSBvbmUgb25lIG9uZSBvbmUgb25lIG9uZSA=";
const std::string key_two = "dHdvIHR3byB0d28gdHdvIHR3byB0d28gdHdvIHR3byA=";

const identity_id leaf{"leaf", {}};
const identity_id pump{"leaf", "pump"};

struct fixture : session_node {
  lane_fixture disk;
  identities_actor subject = spawn_identities();
  authenticator_actor judge = subject; ///< whom sessions ask
  std::vector<caf::actor> sessions;

  fixture() {
    put(named(leaf));
    put(named(pump));
  }

  ~fixture() {
    for (const auto& session : sessions)
      caf::anon_send_exit(session, caf::exit_reason::kill);
    caf::anon_send_exit(subject, caf::exit_reason::user_shutdown);
    run(); // while its disk is there
  }

  identities_actor spawn_identities() {
    identities_context made;
    made.store = std::make_shared<identity_store>(
      disk.db, std::make_shared<const seal>(std::string(32, 'k')));
    made.clients = clients;
    made.meters = meters;
    made.hosts = {hub};
    made.now = [this] { return now; };
    return sys.spawn(identities, std::move(made));
  }

  static identity named(const identity_id& id) {
    identity made;
    made.id = id;
    made.primary_key = key_one;
    made.secondary_key = key_two;
    return made;
  }

  void put(const identity& value, bool must_exist = false) {
    const auto made
      = ask<identity>(subject, put_identity{value, must_exist, ""});
    INFO(why(made));
    REQUIRE(made);
  }

  void change(const identity& value) { put(value, true); }

  session_context_ptr judged() {
    auto made = context();
    made.authenticator = judge;
    return share(std::move(made));
  }

  std::string token(const identity_id& id, std::chrono::seconds life) {
    return *mint_sas_token(
      hub, id, key_one, std::chrono::floor<std::chrono::seconds>(now) + life);
  }

  std::shared_ptr<memory_transport> wire(const std::string& certificate) {
    auto made = std::make_shared<memory_transport>();
    made->info.certificate = certificate;
    return made;
  }

  std::shared_ptr<memory_transport> mqtt(const identity_id& id,
                                         const std::string& password,
                                         const std::string& certificate = {}) {
    auto made = wire(certificate);
    made->near = sys.spawn(mqtt_session, made, judged());
    sessions.push_back(made->near);
    const auto name = to_string(id);
    const auto user = format_user_name(hub, user_name{id}, "2021-04-12");
    mqtt::connect packet;
    packet.client_id = name;
    packet.user_name = user;
    if (!password.empty())
      packet.password = password;
    std::string text;
    REQUIRE(encode(text, packet));
    caf::anon_send(made->near, received{own(std::move(text))});
    run();
    REQUIRE(made->take_written() == "\x20\x02\0\0"s);
    return made;
  }

  /// Judges as `subject` does; its first answer is on its way for so long that
  /// `value` is changed meanwhile.
  void answer_late(const identity& value) {
    using actor_type = authenticator_actor;
    judge = sys.spawn([this, value](
                        actor_type::pointer late) -> actor_type::behavior_type {
      return {[this, value, late](const authenticate& asked) {
        auto promise = late->make_response_promise<authenticated>();
        const auto fail
          = [promise](caf::error why) mutable { promise.deliver(why); };
        late->request(subject, 5s, asked)
          .then(
            [=, this](const authenticated& answer) {
              late->request(subject, 5s, put_identity{value, true, ""})
                .then([=](const identity&) mutable { promise.deliver(answer); },
                      fail);
            },
            fail);
        return promise;
      }};
    });
    sessions.push_back(caf::actor_cast<caf::actor>(judge));
  }

  bool connected(const identity_id& id) {
    return *ask<bool>(clients, is_connected{id});
  }
};

/// One AMQP connection of `leaf` with an open link.
struct amqp_leaf {
  std::shared_ptr<memory_transport> wire;
  amqp_client client;
  pn_link_t* link = nullptr;

  amqp_leaf(fixture& node, const std::string& token)
    : wire{node.wire({})}, client{node, wire, anonymous()} {
    wire->near = node.sys.spawn(amqp_session, node.judged(), wire);
    node.sessions.push_back(wire->near);
    client.open();
    REQUIRE(client.put_token(token) == 200);
    link = client.attach_sender("/devices/leaf/messages/events");
    REQUIRE(client.is_open(link));
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "an expired token ends a connection",
                 "[reauthentication]") {
  // Tokens are taken for five minutes more than they say.
  SECTION("over MQTT") {
    const auto client = mqtt(leaf, token(leaf, 60s));
    const auto live = [&](std::chrono::seconds time) {
      for (; time > 0s; time -= 30s) {
        now += 30s;
        pass(30s);
        caf::anon_send(client->near, received{own("\xc0\0"s)});
        run();
      }
    };
    live(330s);
    CHECK(connected(leaf));
    live(300s);
    CHECK_FALSE(connected(leaf));
    CHECK(client->is_closed);
  }
  SECTION("over AMQP") {
    amqp_leaf client{*this, token(leaf, 60s)};
    const auto live = [&](std::chrono::seconds time) {
      for (; time > 0s; time -= 30s) {
        now += 30s;
        pass(30s);
        if (client.client.is_open(client.link))
          client.client.send(client.link, message("x"));
      }
    };
    live(330s);
    CHECK(connected(leaf));
    SECTION("unless a new one is put") {
      REQUIRE(client.client.put_token(token(leaf, 3600s)) == 200);
      live(900s);
      CHECK(connected(leaf));
      CHECK(client.client.is_open(client.link));
    }
    SECTION("unless the new one is no better") {
      const auto wrong = *mint_sas_token(
        hub, leaf, "bm90IHRoZSBrZXkgYXQgYWxs",
        std::chrono::floor<std::chrono::seconds>(now) + 3600s);
      REQUIRE(client.client.put_token(wrong) == 200);
      live(300s);
      CHECK_FALSE(connected(leaf));
    }
    SECTION("if no other is put") {
      live(300s);
      CHECK_FALSE(connected(leaf));
      CHECK_FALSE(client.client.is_open(client.link));
    }
  }
}

TEST_CASE_METHOD(fixture, "a change of an identity reaches its clients at once",
                 "[reauthentication]") {
  const auto module = mqtt(pump, token(pump, 3600s));
  auto changed = named(leaf);
  const auto shows_itself = [&](const auto& connect) {
    const auto client = connect();
    SECTION("it is disabled") {
      changed.enabled = false;
      change(changed);
      CHECK_FALSE(connected(leaf));
      CHECK_FALSE(connected(pump)); // nobody speaks for a disabled device
      CHECK(module->is_closed);
    }
    SECTION("it is removed") {
      REQUIRE(ask<identity>(subject, delete_identity{leaf}));
      CHECK_FALSE(connected(leaf));
      CHECK_FALSE(connected(pump));
    }
    SECTION("its key is another one") {
      changed.primary_key = "dGhyZWU=";
      change(changed);
      CHECK_FALSE(connected(leaf));
      CHECK(connected(pump));
    }
    SECTION("the key that it does not use is another one") {
      changed.secondary_key = "dGhyZWU=";
      change(changed);
      CHECK(connected(leaf));
    }
    SECTION("it is to show a certificate from now on") {
      changed.credential = credential_kind::authority;
      change(changed);
      CHECK_FALSE(connected(leaf));
    }
  };
  SECTION("over MQTT") {
    shows_itself([&] { return mqtt(leaf, token(leaf, 3600s)); });
  }
  SECTION("over AMQP") {
    shows_itself(
      [&] { return std::make_unique<amqp_leaf>(*this, token(leaf, 3600s)); });
  }
}

TEST_CASE_METHOD(fixture, "a change reaches also who is just being let in",
                 "[reauthentication]") {
  auto changed = named(leaf);
  changed.enabled = false;
  answer_late(changed);
  SECTION("over MQTT") { CHECK(mqtt(leaf, token(leaf, 3600s))->is_closed); }
  SECTION("over AMQP") {
    const auto near = wire({});
    amqp_client client{*this, near, anonymous()};
    near->near = sys.spawn(amqp_session, judged(), near);
    sessions.push_back(near->near);
    client.open();
    REQUIRE(client.put_token(token(leaf, 3600s)) == 200);
    CHECK_FALSE(
      client.is_open(client.attach_sender("/devices/leaf/messages/events")));
  }
  CHECK_FALSE(connected(leaf));
}

TEST_CASE_METHOD(fixture, "a certificate is looked at again",
                 "[reauthentication][x509]") {
  test_certificate::wish wish{"leaf"};
  wish.from = std::chrono::floor<std::chrono::seconds>(now) - 60s;
  wish.to = wish.from + 400s;
  const test_certificate shown{wish};
  auto known = named(leaf);
  known.credential = credential_kind::thumbprint;
  known.primary_thumbprint = read_client_certificate(shown.pem())->sha256;
  change(known);
  const auto client = mqtt(leaf, {}, shown.pem());
  SECTION("when another one is expected") {
    known.primary_thumbprint = std::string(40, 'a');
    change(known);
    CHECK(client->is_closed);
  }
  SECTION("and not good any more once it has expired") {
    for (int i = 0; i < 22; ++i) {
      now += 30s;
      pass(30s);
      caf::anon_send(client->near, received{own("\xc0\0"s)});
      run();
    }
    CHECK(client->is_closed);
  }
}
