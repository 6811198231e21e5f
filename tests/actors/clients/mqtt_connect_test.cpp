#include "actors/clients/keep_alive.hpp"
#include "mqtt_fixture.hpp"
#include "support/vectors.hpp"

using namespace tidegate;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

std::string connack(unsigned code, bool present = false) {
  return "\x20\x02"s + static_cast<char>(present) + static_cast<char>(code);
}

const identity_id leaf{"leaf-9", ""};
const identity_id pump{"edge-1", "pump"};

/// The token that a vector's `<valid SAS x>` stands for.
std::string token_of(const std::string& text) {
  constexpr std::string_view valid = "<valid SAS ";
  if (!text.starts_with(valid))
    return text;
  return "good:" + text.substr(valid.size(), text.size() - valid.size() - 1);
}

std::string connect_of(const boost::json::object& vector) {
  const auto client = text_or_empty(vector, "clientId");
  const auto user = text_or_empty(vector, "username");
  const auto token = token_of(text_or_empty(vector, "password"));
  mqtt::connect packet;
  packet.client_id = client;
  if (vector.at("username").is_string())
    packet.user_name = user;
  if (packet.user_name && !token.empty())
    packet.password = token;
  std::string text;
  CHECK(encode(text, packet));
  return text;
}

} // namespace

TEST_CASE_METHOD(mqtt_node, "CONNECT is answered as the vectors say",
                 "[mqtt][vectors]") {
  const auto vectors = read_vectors("topics.json");
  for (const auto& entry : vectors.at("connect").as_array()) {
    const auto& vector = entry.as_object();
    const auto why = text_or_empty(vector, "why");
    CAPTURE(why);
    auto& client = open();
    const auto* shown = vector.if_contains("clientCert");
    if (shown && shown->as_bool())
      client.info.certificate = "good:leaf-9";
    arrive(client, connect_of(vector));
    const auto code = vector.at("connack").as_int64();
    CHECK(client.written == connack(static_cast<unsigned>(code)));
    CHECK(client.is_closed == (code != 0));
    CHECK(client.is_introduced == (code == 0));
  }
}

TEST_CASE_METHOD(mqtt_node, "other protocols are turned away", "[mqtt]") {
  auto& client = open();
  SECTION("a level other than 4 is told so") {
    arrive(client, "\x10\x0c\0\4MQTT\5\2\0\x3c\0\0"s);
    CHECK(client.written == connack(1));
  }
  SECTION("an old protocol name is not") {
    arrive(client, "\x10\x0e\0\6MQIsdp\3\2\0\x3c\0\0"s);
    CHECK(client.written.empty());
  }
  SECTION("nor is something that is no CONNECT") {
    arrive(client, "\xc0\0"s);
    CHECK(client.written.empty());
  }
  CHECK(client.is_closed);
}

TEST_CASE_METHOD(mqtt_node, "who sends no CONNECT is closed after a minute",
                 "[mqtt]") {
  auto& client = open();
  pass(59s);
  CHECK_FALSE(client.is_closed);
  pass(1s);
  CHECK(client.is_closed);
}

TEST_CASE_METHOD(mqtt_node, "a second CONNECT ends the connection", "[mqtt]") {
  auto& client = connected(leaf);
  arrive(client, connect_packet(leaf));
  CHECK(client.is_closed);
  CHECK(client.written.empty());
}

TEST_CASE_METHOD(mqtt_node,
                 "packets behind CONNECT wait for its authentication",
                 "[mqtt]") {
  auto& client = open();
  client.arrive(connect_packet(leaf) + subscribe_packet("a/b")
                + publish_packet("devices/leaf-9/messages/events/", "x", 7));
  client.arrive("\xc0\0"s);
  sched.run();
  CHECK(client.written
        == connack(0) + "\x90\3\0\1\1"s + "\xd0\0"s + "\x40\2\0\7"s);
  CHECK(stored() == std::vector{"x"s});
  CHECK(client.given_back == client.arrived);
}

TEST_CASE_METHOD(mqtt_node, "an authenticator that cannot tell is a 3",
                 "[mqtt]") {
  authentication_error = ec::unavailable;
  auto& client = open();
  arrive(client, connect_packet(leaf));
  CHECK(client.written == connack(3));
  CHECK(client.is_closed);
}

TEST_CASE_METHOD(mqtt_node, "an authenticator that never answers is a 3",
                 "[mqtt]") {
  answers_authentication = false;
  auto& client = open();
  arrive(client, connect_packet(leaf) + publish_packet("a", "b"));
  CHECK(client.written.empty());
  pass(130s);
  CHECK(client.written == connack(3));
  CHECK(stored().empty());
}

TEST_CASE_METHOD(mqtt_node,
                 "a refused client is counted once, by whoever refuses it",
                 "[mqtt]") {
  auto& client = open();
  SECTION("the authenticator counts its own") {
    arrive(client, connect_packet(leaf, "bad", true, 0));
    CHECK(counted("edgehub_client_connect_failed_total") == 0);
  }
  SECTION("the session counts who shows nothing") {
    arrive(client, connect_packet(leaf, "", true, 0));
    CHECK(counted("edgehub_client_connect_failed_total") == 1);
  }
  SECTION("the session counts a name that is not the client's") {
    auto packet = connect_packet(leaf, "good", true, 0);
    packet[packet.find("leaf-9")] = 'L'; // the client id comes first
    arrive(client, packet);
    CHECK(counted("edgehub_client_connect_failed_total") == 1);
  }
  CHECK(client.written == connack(5));
}

TEST_CASE_METHOD(mqtt_node, "a client is verified again", "[mqtt]") {
  auto& client = connected(leaf);
  const auto alive = [&] {
    arrive(client, "\xc0\0"s);
    return client.take_written() == "\xd0\0"s;
  };
  SECTION("every five minutes") {
    for (int i = 0; i < 11; ++i) {
      pass(30s);
      REQUIRE(alive());
    }
    REQUIRE(asked.size() == 2);
    CHECK(asked.back().again);
    CHECK(asked.back().token == "good:leaf-9");
    SECTION("and let go when it would not be let in any more") {
      authentication_error = ec::unauthorized;
      for (int i = 0; i < 11 && !client.is_closed; ++i) {
        pass(30s);
        alive();
      }
      CHECK(client.is_closed);
    }
    SECTION("but not when nobody can tell") {
      authentication_error = ec::unavailable;
      for (int i = 0; i < 11; ++i) {
        pass(30s);
        REQUIRE(alive());
      }
    }
  }
  SECTION("at once when something about it changed") {
    authentication_error = ec::unauthorized;
    SECTION("itself") { caf::anon_send(context.clients, verify_clients{leaf}); }
    SECTION("or everybody") {
      caf::anon_send(context.clients, verify_clients{});
    }
    sched.run();
    CHECK(client.is_closed);
  }
  SECTION("and not for somebody else") {
    authentication_error = ec::unauthorized;
    caf::anon_send(context.clients, verify_clients{{"other", ""}});
    caf::anon_send(context.clients, verify_clients{{"leaf-9", "module"}});
    sched.run();
    CHECK(alive());
  }
}

TEST_CASE_METHOD(mqtt_node, "a token wins over a certificate", "[mqtt]") {
  auto& client = open();
  client.info.certificate = "good:leaf-9";
  arrive(client, connect_packet(leaf, "bad", true, 0));
  CHECK(client.written == connack(5));
  CHECK(asked.back().certificate.empty());
}

TEST_CASE_METHOD(mqtt_node, "the newest connection of a client wins",
                 "[mqtt]") {
  auto& older = connected(leaf);
  auto& newer = connected(leaf);
  CHECK(older.is_closed);
  CHECK_FALSE(newer.is_closed);
}

TEST_CASE_METHOD(mqtt_node, "a full node answers 3", "[mqtt]") {
  for (int i = 0; i < 100; ++i)
    connected({"leaf-" + std::to_string(i), ""});
  auto& client = open();
  arrive(client, connect_packet({"one-more", ""}));
  CHECK(client.written == connack(3));
  CHECK(client.is_closed);
}

TEST_CASE("silence is allowed for one and a half keep-alives", "[mqtt]") {
  CHECK(silence_allowed(60, 600s) == 90s);
  CHECK(silence_allowed(1, 600s) == 1500ms);
  CHECK(silence_allowed(0, 600s) == 600s);
  CHECK(silence_allowed(500, 600s) == 600s);
  CHECK(silence_allowed(65535, 600s) == 600s);
}

TEST_CASE_METHOD(mqtt_node, "a silent client is closed", "[mqtt]") {
  auto& client = connected(leaf);
  pass(80s);
  arrive(client, "\xc0\0"s);
  CHECK(client.take_written() == "\xd0\0"s);
  pass(89s);
  CHECK_FALSE(client.is_closed);
  pass(1s);
  CHECK(client.is_closed);
}

TEST_CASE_METHOD(mqtt_node,
                 "silence is not held against a client while the "
                 "store is slow",
                 "[mqtt]") {
  answers_at_once = false;
  auto& client = connected(leaf);
  arrive(client, publish_packet("devices/leaf-9/messages/events/", "x", 1));
  pass(300s);
  CHECK_FALSE(client.is_closed);
  answer();
  pass(91s);
  CHECK(client.is_closed);
}

TEST_CASE_METHOD(mqtt_node, "sessions are kept as the client wishes",
                 "[mqtt]") {
  auto first = &open();
  arrive(*first, connect_packet(pump, false));
  CHECK(first->take_written() == connack(0, false));
  arrive(*first, subscribe_packet("devices/edge-1/modules/pump/#"));
  REQUIRE(ready.size() == 1);
  first->vanish();
  sched.run();
  REQUIRE(gone.size() == 1);
  auto& second = open();
  SECTION("restored with its subscriptions") {
    arrive(second, connect_packet(pump, false));
    CHECK(second.written == connack(0, true));
    CHECK(ready.size() == 2);
  }
  SECTION("and not written again when nothing has changed") {
    struct counting : memory_session_archive {
      void save(const identity_id& id,
                const std::vector<granted_filter>& all) override {
        ++saves;
        memory_session_archive::save(id, all);
      }
      int saves = 0;
    };
    const auto archive = std::make_shared<counting>();
    context.sessions = archive;
    auto& other = open();
    arrive(other, connect_packet(pump, false) + subscribe_packet("a")
                    + subscribe_packet("a"));
    CHECK(archive->saves == 2);
  }
  SECTION("or deleted") {
    arrive(second, connect_packet(pump, true));
    CHECK(second.take_written() == connack(0, false));
    CHECK(ready.size() == 1);
    auto& third = open();
    arrive(third, connect_packet(pump, false));
    CHECK(third.written == connack(0, false));
  }
}

TEST_CASE_METHOD(mqtt_node,
                 "a will is published unless the client says "
                 "goodbye",
                 "[mqtt]") {
  const mqtt::will will{"devices/leaf-9/messages/events/a=1", "bye",
                        mqtt::qos::at_least_once, true};
  auto& client = open();
  arrive(client, connect_packet(leaf, "good:leaf-9", true, 60, will));
  SECTION("when it vanishes") {
    client.vanish();
    sched.run();
    REQUIRE(stored() == std::vector{"bye"s});
    const auto& head = *appended[0].blocks[0].data->head(0);
    CHECK(head.sender == leaf);
    CHECK(find_property(head.user, "MessageType")->value == "Will");
    CHECK(find_property(head.user, "mqtt-retain")->value == "true");
    CHECK(find_property(head.user, "a")->value == "1");
  }
  SECTION("when it is silent for too long") {
    pass(90s);
    CHECK(stored() == std::vector{"bye"s});
  }
  SECTION("when it breaks the protocol") {
    arrive(client, "\xf0\0"s);
    CHECK(stored() == std::vector{"bye"s});
  }
  SECTION("not before messages that were refused") {
    answers_at_once = false;
    arrive(client, publish_packet("devices/leaf-9/messages/events/", "x", 1));
    answer(ec::store_full);
    CHECK(client.is_closed);
    CHECK(appended.size() == 1);
  }
  SECTION("not after DISCONNECT") {
    arrive(client, "\xe0\0"s);
    CHECK(client.is_closed);
    CHECK(stored().empty());
  }
}

TEST_CASE_METHOD(mqtt_node, "a will for somebody else is not published",
                 "[mqtt]") {
  const mqtt::will will{"devices/leaf-8/messages/events/", "bye", {}, false};
  auto& client = open();
  arrive(client, connect_packet(leaf, "good:leaf-9", true, 60, will));
  client.vanish();
  sched.run();
  CHECK(stored().empty());
}
