#include "connection_fixture.hpp"
#include "raw_client.hpp"
#include "runtime/net/connector.hpp"

#include <catch2/catch.hpp>
#include <prometheus/text_serializer.h>
#include <sys/resource.h>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

/// Packets are a length byte times 1000 and then as many bytes; 255 is not
/// allowed.
framing thousands(std::string_view text) {
  framing found;
  while (found.whole < text.size()) {
    const auto size = static_cast<unsigned char>(text[found.whole]);
    if (size == 255) {
      found.violation = "packet of 255";
      break;
    }
    const auto packet = 1 + std::size_t{size} * 1000;
    if (text.size() - found.whole < packet) {
      found.next = packet;
      break;
    }
    found.whole += packet;
  }
  return found;
}

std::string packet(unsigned char thousand, char fill) {
  return static_cast<char>(thousand) + std::string(thousand * 1000u, fill);
}

} // namespace

TEST_CASE_METHOD(connections, "bytes go both ways", "[net][io]") {
  raw_client client{open()};
  auto& session = accepted();
  client.send("hello");
  REQUIRE(until([&] { return session.text == "hello"; }));
  session.transport->write(own("good "));
  session.transport->write(own("day"));
  REQUIRE(until([&] {
    client.receive();
    return client.text == "good day";
  }));
  CHECK(session.transport->peer().listener == "test");
  CHECK_FALSE(session.transport->peer().encrypted);
  CHECK(session.transport->peer().address.substr(0, 10) == "127.0.0.1:");
}

TEST_CASE_METHOD(connections, "half a packet waits for the other half",
                 "[net][io]") {
  connection_options options;
  options.frame = thousands;
  raw_client client{open(options)};
  auto& session = accepted();
  const auto one = packet(1, 'a');
  const auto two = packet(2, 'b');
  client.send(one + two.substr(0, 700));
  REQUIRE(until([&] { return session.text.size() >= one.size(); }));
  settle();
  CHECK(session.text == one);
  client.send(two.substr(700));
  REQUIRE(until([&] { return session.text.size() > one.size(); }));
  CHECK(session.text == one + two);
}

TEST_CASE_METHOD(connections, "a huge packet arrives whole and alone",
                 "[net][io]") {
  connection_options options;
  options.frame = thousands;
  raw_client client{open(options)};
  auto& session = accepted();
  const auto huge = packet(254, 'h');
  std::size_t sent = 0;
  REQUIRE(until([&] {
    sent += client.send(std::string_view{huge}.substr(sent));
    return !session.text.empty();
  }));
  CHECK(session.batches.size() == 1);
  CHECK(session.text == huge);
}

TEST_CASE_METHOD(connections, "a protocol error keeps the packets before it",
                 "[net][io]") {
  connection_options options;
  options.frame = thousands;
  raw_client client{open(options)};
  auto& session = accepted();
  client.send(packet(1, 'a') + '\xff' + "junk");
  REQUIRE(until([&] { return session.closed.has_value(); }));
  CHECK(session.text == packet(1, 'a'));
  CHECK(*session.closed == "protocol error: packet of 255");
  CHECK(until([&] {
    client.receive();
    return client.ended;
  }));
}

TEST_CASE_METHOD(connections, "reading stops until credit comes back",
                 "[net][io]") {
  connection_options options;
  options.unread_limit = 10'000;
  raw_client client{open(options)};
  auto& session = accepted();
  const std::string flood(64 * 1024, 'f');
  std::size_t sent = 0;
  REQUIRE(until([&] {
    sent += client.send(flood);
    return sent >= 8'000'000 || client.send("f") == 0;
  }));
  settle();
  const auto before = session.text.size();
  CHECK(before > 10'000);
  CHECK(before < 10'000 + 2 * 256 * 1024);
  session.transport->give_back(before);
  REQUIRE(until([&] { return session.text.size() > before; }));
}

TEST_CASE_METHOD(connections, "a peer that does not read is closed",
                 "[net][io]") {
  connection_options options;
  SECTION("when too much waits for it") {
    options.unsent_limit = 1'000'000;
    raw_client client{open(options)};
    auto& session = accepted();
    for (int i = 0; i < 20; ++i)
      session.transport->write(own(std::string(1'000'000, 'x')));
    REQUIRE(until([&] { return session.closed.has_value(); }));
    CHECK(session.closed->find("does not read fast enough")
          != std::string::npos);
  }
  SECTION("when it takes nothing for too long") {
    options.unsent_limit = 64'000'000;
    options.stall_timeout = 50ms;
    raw_client client{open(options)};
    auto& session = accepted();
    for (int i = 0; i < 20; ++i)
      session.transport->write(own(std::string(1'000'000, 'x')));
    REQUIRE(until([&] { return session.closed.has_value(); }));
    CHECK(session.closed->find("takes nothing") != std::string::npos);
  }
}

TEST_CASE_METHOD(connections, "a slow reader gets everything in order",
                 "[net][io]") {
  connection_options options;
  options.unsent_limit = 64'000'000;
  raw_client client{open(options)};
  auto& session = accepted();
  std::string all;
  for (int i = 0; i < 3000; ++i) {
    all += std::string(static_cast<std::size_t>(i),
                       static_cast<char>('a' + i % 26));
    session.transport->write(own(std::string(static_cast<std::size_t>(i),
                                             static_cast<char>('a' + i % 26))));
  }
  settle();
  REQUIRE(until([&] {
    client.receive();
    return client.text.size() >= all.size();
  }));
  CHECK(client.text == all);
}

TEST_CASE_METHOD(connections, "the session is told when all has left",
                 "[net][io]") {
  connection_options options;
  options.unsent_limit = 64'000'000;
  raw_client client{open(options)};
  auto& session = accepted();
  SECTION("once it has") {
    session.transport->write(own(std::string(20'000'000, 'q')));
    session.transport->tell_drained();
    settle();
    CHECK(session.drained == 0);
    REQUIRE(until([&] {
      client.receive();
      return client.text.size() == 20'000'000;
    }));
    settle();
  }
  SECTION("at once when nothing waits") {
    session.transport->tell_drained();
    settle();
  }
  CHECK(session.drained == 1);
}

TEST_CASE_METHOD(connections, "closing sends what is queued first",
                 "[net][io]") {
  raw_client client{open()};
  auto& session = accepted();
  client.send("unread bytes must not reset the connection");
  session.transport->write(own(std::string(2'000'000, 'q')));
  session.transport->close();
  session.transport->write(own("too late"));
  REQUIRE(until([&] {
    client.receive();
    return client.ended;
  }));
  CHECK(client.text == std::string(2'000'000, 'q'));
  CHECK(session.closed == "closed by this side");
}

TEST_CASE_METHOD(connections, "closing gives a deaf peer up in bounded time",
                 "[net][io]") {
  connection_options options;
  options.close_timeout = 50ms;
  options.unsent_limit = 64'000'000;
  raw_client client{open(options)};
  auto& session = accepted();
  session.transport->write(own(std::string(20'000'000, 'q')));
  session.transport->close();
  REQUIRE(until([&] { return session.closed.has_value(); }));
  CHECK(*session.closed == "the peer did not take the rest in time");
}

TEST_CASE_METHOD(connections, "the session hears of a vanished peer",
                 "[net][io]") {
  raw_client client{open()};
  auto& session = accepted();
  SECTION("that ended in order") {
    client.close();
    REQUIRE(until([&] { return session.closed.has_value(); }));
    CHECK(*session.closed == "closed by the peer");
  }
  SECTION("that crashed") {
    client.reset();
    REQUIRE(until([&] { return session.closed.has_value(); }));
    CHECK(*session.closed == "Connection reset by peer");
  }
}

TEST_CASE_METHOD(connections, "a session that dies takes its connection along",
                 "[net][io]") {
  raw_client client{open()};
  auto& session = accepted();
  caf::anon_send_exit(session.actor, caf::exit_reason::kill);
  CHECK(until([&] {
    client.receive();
    return client.ended;
  }));
}

TEST_CASE_METHOD(connections, "a listener refuses more than its limit",
                 "[net][io]") {
  listen_options where;
  where.connection_limit = 1;
  const auto port = open({}, where);
  auto first = std::make_unique<raw_client>(port);
  accepted();
  raw_client second{port};
  REQUIRE(until([&] {
    second.receive();
    return second.ended;
  }));
  CHECK(sessions.size() == 1);
  SECTION("and takes the next one when there is room again") {
    first->close();
    REQUIRE(until([&] { return sessions.front()->closed.has_value(); }));
    raw_client third{port};
    CHECK(until([&] { return sessions.size() == 2; }));
  }
}

TEST_CASE_METHOD(connections,
                 "one address cannot fill a listener with strangers",
                 "[net][io]") {
  const auto registry = std::make_shared<prometheus::Registry>();
  listen_options where;
  where.connection_limit = 8;
  where.meters = std::make_shared<metrics>(registry, prometheus::Labels{});
  const auto port = open({}, where);
  raw_client first{port};
  raw_client second{port};
  REQUIRE(until([&] { return sessions.size() == 2; }));
  raw_client third{port};
  REQUIRE(until([&] {
    third.receive();
    return third.ended;
  }));
  CHECK(sessions.size() == 2);
  const auto text = prometheus::TextSerializer{}.Serialize(registry->Collect());
  CHECK(text.find("tidegate_connections_refused_total{listener=\"test\","
                  "reason=\"address\"} 1")
        != std::string::npos);
  SECTION("others still get in") {
    raw_client other{port, INADDR_LOOPBACK + 1};
    CHECK(until([&] { return sessions.size() == 3; }));
  }
  SECTION("so does it when one of them has been introduced") {
    sessions.front()->transport->introduced();
    settle();
    raw_client fourth{port};
    CHECK(until([&] { return sessions.size() == 3; }));
  }
  SECTION("so does it when one of them is gone") {
    first.close();
    REQUIRE(until([&] { return sessions.front()->closed.has_value(); }));
    raw_client fourth{port};
    CHECK(until([&] { return sessions.size() == 3; }));
  }
}

TEST_CASE_METHOD(connections, "a listener survives running out of files",
                 "[net][io]") {
  const auto port = open();
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  raw_client client{port};
  const rlimit none{static_cast<rlim_t>(client.fd()) + 1, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  settle();
  CHECK(sessions.empty());
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(until([&] { return sessions.size() == 1; }));
}

TEST_CASE_METHOD(connections, "a null session refuses the connection",
                 "[net][io]") {
  listen_options where;
  where.address = "127.0.0.1";
  auto opened = listen(loop, where, connection_options{},
                       [](const transport_ptr&) { return caf::actor{}; });
  REQUIRE(opened);
  door = *opened;
  raw_client client{door->port()};
  CHECK(until([&] {
    client.receive();
    return client.ended;
  }));
}

TEST_CASE_METHOD(connections, "a port that is taken is an error with its name",
                 "[net][io]") {
  listen_options where;
  where.address = "127.0.0.1";
  where.port = open();
  const auto second = listen(loop, where, connection_options{}, factory());
  REQUIRE_FALSE(second);
  CHECK(to_string(second.error()).find("127.0.0.1:") != std::string::npos);
}

TEST_CASE_METHOD(connections,
                 "a listener on all addresses serves both families",
                 "[net][io]") {
  listen_options where;
  auto opened = listen(loop, where, connection_options{}, factory());
  REQUIRE(opened);
  door = *opened;
  raw_client client{door->port()};
  CHECK(accepted().transport->peer().address.substr(0, 10) == "127.0.0.1:");
}

TEST_CASE_METHOD(connections, "the client side is a transport too",
                 "[net][io]") {
  const auto port = open();
  auto client = std::make_shared<session_record>();
  std::optional<caf::error> failure;
  connect_options to;
  to.port = port;
  const auto make = [&](const transport_ptr& transport) {
    client->transport = transport;
    return sys.spawn(recording_session, client);
  };
  SECTION("by name") {
    to.host = "localhost";
    connect(loop, to, {}, make, [&](caf::error why) { failure = why; });
    auto& server = accepted();
    REQUIRE(until([&] { return client->transport != nullptr; }));
    client->transport->write(own("up"));
    server.transport->write(own("down"));
    CHECK(until([&] { return server.text == "up" && client->text == "down"; }));
    client->transport->close();
    CHECK(until([&] { return server.closed && client->closed; }));
  }
  SECTION("and says why it can not connect") {
    to.host = "127.0.0.1";
    door->stop();
    settle();
    connect(loop, to, {}, make, [&](caf::error why) { failure = why; });
    REQUIRE(until([&] { return failure.has_value(); }));
    CHECK(to_string(*failure).find("Connection refused") != std::string::npos);
  }
}
