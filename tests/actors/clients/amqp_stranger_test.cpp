// What a client may do on an AMQP connection before anybody is let in on it.

#include "amqp_fixture.hpp"

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

struct fixture : amqp_fixture {
  /// Bytes that no client library would send.
  void send_raw(std::string bytes) {
    caf::anon_send(session, received{own(std::move(bytes))});
    run();
  }

  pn_session_t* further_session() {
    auto* const made = pn_session(client.engine.connection());
    pn_session_open(made);
    return made;
  }

  /// So many receivers at `address`, without waiting for answers.
  std::vector<pn_link_t*> attach(int count, const std::string& address) {
    auto* const in = further_session();
    std::vector<pn_link_t*> links;
    for (int i = 0; i < count; ++i) {
      auto* const link
        = pn_receiver(in, ("many-" + std::to_string(next_++)).c_str());
      pn_terminus_set_address(pn_link_source(link), address.c_str());
      pn_link_open(link);
      links.push_back(link);
    }
    client.turn();
    return links;
  }

  int next_ = 0;
};

} // namespace

TEST_CASE_METHOD(fixture, "a client that is not known has few links",
                 "[amqp_stranger]") {
  client.open();
  attach(20, "/nowhere");
  CHECK(client.connection_error().empty());
  attach(100, "/nowhere");
  CHECK(client.connection_error() == "amqp:resource-limit-exceeded");
  CHECK(wire->is_closed);
  CHECK(wire->charged < 512 * 1024);
}

TEST_CASE_METHOD(fixture, "a client that is not known may send little",
                 "[amqp_stranger]") {
  client.open();
  auto* const cbs = client.attach_sender("$cbs");
  SECTION("in whole messages") {
    for (int i = 0; i < 40 && !wire->is_closed; ++i)
      client.send(cbs, message(std::string(7000, 'x')));
  }
  SECTION("in one that has no end") {
    auto* const delivery = pn_delivery(cbs, pn_dtag("t", 1));
    const std::string part(15'000, 'x');
    for (int i = 0; i < 40 && !wire->is_closed; ++i) {
      pn_link_send(cbs, part.data(), part.size());
      client.turn();
    }
    static_cast<void>(delivery);
  }
  CHECK(wire->is_closed);
  CHECK(wire->charged < 512 * 1024);
}

TEST_CASE_METHOD(fixture, "strangers who have all their memory are let go",
                 "[amqp_stranger]") {
  client.open();
  wire->memory_left = 10'000;
  attach(5, "/nowhere");
  CHECK(client.connection_error() == "amqp:resource-limit-exceeded");
  const auto other = std::make_shared<memory_transport>();
  other->memory_left = 10'000;
  start(other);
  CHECK(other->is_closed);
}

TEST_CASE_METHOD(fixture, "links of a known client are not few",
                 "[amqp_stranger]") {
  join();
  attach(300, "/nowhere");
  CHECK(client.connection_error().empty());
  SECTION("but they have to be detached when they are refused") {
    attach(800, "/nowhere");
    CHECK(client.connection_error() == "amqp:resource-limit-exceeded");
  }
}

TEST_CASE_METHOD(fixture, "what is too much waits while a verdict is to come",
                 "[amqp_stranger]") {
  any_token_is_good = true;
  client.open();
  // Everything at once: the first link has its verdict behind all of it.
  auto* const first = pn_sender(further_session(), "first");
  pn_terminus_set_address(pn_link_target(first), events_of_leaf);
  pn_link_open(first);
  const auto links = attach(100, "/nowhere");
  CHECK(client.connection_error().empty());
  CHECK(client.is_open(first));
  std::size_t refused = 0;
  for (auto* const link : links)
    refused += amqp_client::error_of(link) == "amqp:not-found" ? 1 : 0;
  CHECK(refused == links.size());
}

TEST_CASE_METHOD(fixture,
                 "a client may show many tokens before it attaches at all",
                 "[amqp_stranger]") {
  authenticator_offline = true; // none of them is known here yet
  client.open();
  for (int i = 0; i < 500; ++i)
    client.put_token(token_for("leaf-" + std::to_string(i)));
  CHECK(client.connection_error().empty());
  SECTION("but no more than so many of nonsense") {
    for (int i = 0; i < 500 && !wire->is_closed; ++i)
      client.put_token("nonsense");
    CHECK(wire->is_closed);
  }
}

TEST_CASE_METHOD(fixture, "a connection on which nobody was let in is closed",
                 "[amqp_stranger]") {
  SECTION("when it was opened and nothing more") {
    client.open();
    pass(59s);
    CHECK_FALSE(wire->is_closed);
    pass(1s);
    client.turn();
    CHECK(client.connection_error() == "amqp:not-allowed");
  }
  SECTION("when its token was not good") {
    client.open();
    client.put_token(token_for("leaf-9"));
    pass(60s);
  }
  SECTION("when its identity was refused") {
    client.open();
    client.attach_sender(events_of_leaf);
    pass(60s);
  }
  CHECK(wire->is_closed);
}

TEST_CASE_METHOD(fixture, "a client with a good token attaches at leisure",
                 "[amqp_stranger]") {
  join();
  CHECK(wire->is_introduced);
  pass(10min);
  CHECK_FALSE(wire->is_closed);
  SECTION("and is asked about from time to time") {
    good_tokens.clear();
    pass(5min);
    client.turn();
    CHECK(client.connection_error() == "amqp:unauthorized-access");
  }
  SECTION("and is served when it does") {
    CHECK(client.is_open(client.attach_sender(events_of_leaf)));
  }
}

TEST_CASE_METHOD(fixture, "a connection whose last identity was let go ends",
                 "[amqp_stranger]") {
  join();
  client.attach_sender(events_of_leaf);
  caf::anon_send(session, replaced{{"leaf-9", {}}, "disabled"});
  run();
  CHECK_FALSE(wire->is_closed);
  pass(5s); // the client has not detached
  CHECK(wire->is_closed);
}

TEST_CASE_METHOD(fixture, "a SASL frame that makes no sense ends nothing else",
                 "[amqp_stranger]") {
  using namespace std::string_literals;
  const auto other = std::make_shared<memory_transport>();
  session = start(other);
  SECTION("the mechanism is a number") {
    send_raw("AMQP\3\1\0\0\0\0\0\x10\2\1\0\0\0\x53\x41\xc0\3\1\x52\1"s);
  }
  SECTION("there is no mechanism") {
    send_raw("AMQP\3\1\0\0\0\0\0\x0c\2\1\0\0\0\x53\x41\x45"s);
  }
  SECTION("it comes twice") {
    const auto init = "\0\0\0\x16\2\1\0\0\0\x53\x41\xc0\x09\2\xa3\5PLAIN\x40"s;
    send_raw("AMQP\3\1\0\0"s + init + init);
  }
  client.open(); // on the first connection
  CHECK(client.connection_error().empty());
  CHECK(client.is_open(client.attach_sender("$cbs")));
  caf::anon_send_exit(session, caf::exit_reason::kill);
}
