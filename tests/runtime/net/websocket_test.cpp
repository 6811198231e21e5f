#include "connection_fixture.hpp"
#include "messages/error_text.hpp"
#include "raw_client.hpp"
#include "runtime/http/client.hpp"
#include "runtime/http/server.hpp"
#include "runtime/net/connector.hpp"
#include "scratch_certificates.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

/// An `https` door: sessions for the sub-protocol `mqtt`, and requests.
struct websockets : connections {
  scratch_certificates files;
  http::server_options options;
  connection_options session_options;
  record_ptr client = std::make_shared<session_record>();
  std::string failure;

  websockets() { options.listen.address = "127.0.0.1"; }
  ~websockets() {
    if (client->transport)
      client->transport->close();
  }

  std::uint16_t start() {
    auto opened = http::serve(
      loop, options,
      [](const http::request& asked, const http::responder& answer) {
        answer.send({200, asked.path, "text/plain", {}});
      },
      {{"mqtt", {session_options, factory()}}});
    REQUIRE(opened);
    door = *opened;
    return door->port();
  }

  void upgrade(std::uint16_t port, std::string protocol = "mqtt",
               std::shared_ptr<tls_client> tls = nullptr) {
    connect_options to;
    to.host = "localhost";
    to.port = port;
    to.tls = std::move(tls);
    connect(
      loop, to, {},
      [this](const transport_ptr& transport) {
        client->transport = transport;
        client->actor = sys.spawn(recording_session, client);
        return client->actor;
      },
      [this](const caf::error& why) { failure = error_text(why); },
      websocket_target{"localhost", "/$iothub/websocket", std::move(protocol)});
    REQUIRE(until([&] { return client->transport || !failure.empty(); }));
  }

  /// Upgrades by hand, to send frames that no proper client sends.
  void upgrade_by_hand(raw_client& peer) {
    peer.send("GET /any/path HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
              "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
              "Sec-WebSocket-Protocol: other, mqtt\r\n\r\n");
    REQUIRE(until([&] {
      peer.receive();
      return peer.text.find("\r\n\r\n") != std::string::npos;
    }));
    CHECK(peer.text.find("101") != std::string::npos);
    CHECK(peer.text.find("Sec-WebSocket-Protocol: mqtt\r\n")
          != std::string::npos);
    peer.text.clear();
  }

  bool ends(raw_client& peer) {
    return until([&] {
      peer.receive();
      return peer.ended;
    });
  }
};

/// A frame with an all-zero mask.
std::string frame(char first, std::string_view payload) {
  std::string made{first};
  made += static_cast<char>(0x80 | payload.size());
  return made.append(4, '\0').append(payload);
}

constexpr auto binary = static_cast<char>(0x82);
constexpr auto unfinished_binary = static_cast<char>(0x02);
constexpr auto continuation = static_cast<char>(0x80);
constexpr auto text = static_cast<char>(0x81);
constexpr auto ping = static_cast<char>(0x89);

} // namespace

TEST_CASE_METHOD(websockets, "sessions and requests share a port",
                 "[net][websocket][io]") {
  std::shared_ptr<tls_client> tls;
  SECTION("without TLS") {}
  SECTION("with TLS") {
    options.listen.tls = files.server();
    tls = files.client();
  }
  const auto port = start();
  upgrade(port, "mqtt", tls);
  REQUIRE(failure.empty());
  auto& server = accepted();
  CHECK(server.transport->peer().listener == (tls ? "wss" : "ws"));
  CHECK(server.transport->peer().encrypted == (tls != nullptr));
  client->transport->write(own("up"));
  const std::string down(2'000'000, 'd');
  for (int i = 0; i < 20; ++i)
    server.transport->write(own(down.substr(0, 100'000)));
  REQUIRE(until([&] {
    client->transport->give_back(
      client->batches.empty() ? 0 : client->batches.back().size());
    client->batches.clear();
    return server.text == "up" && client->text.size() == down.size();
  }));
  CHECK(client->text == down);

  std::optional<http::result> answer;
  http::call what;
  what.target = "/devices/a";
  http::fetch(loop.context(), {{}, "localhost", port, tls}, what,
              [&](http::result got) { answer = std::move(got); });
  REQUIRE(until([&] { return answer.has_value(); }));
  REQUIRE(*answer);
  CHECK((*answer)->body == "/devices/a");
}

TEST_CASE_METHOD(websockets, "an unknown sub-protocol is refused",
                 "[net][websocket][io]") {
  const auto port = start();
  SECTION("to a client") {
    upgrade(port, "chat");
    CHECK(failure.find("upgrade") != std::string::npos);
  }
  SECTION("with a plain 400") {
    raw_client peer{port};
    peer.send("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
              "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    REQUIRE(ends(peer));
    CHECK(peer.text.substr(9, 3) == "400");
    CHECK(peer.text.find(R"({"message":)") != std::string::npos);
  }
  CHECK(sessions.empty());
}

TEST_CASE_METHOD(websockets, "a packet may span frames and messages",
                 "[net][websocket][io]") {
  session_options.frame = [](std::string_view seen) {
    return framing{seen.size() / 10 * 10, seen.size() % 10 > 0 ? 10u : 0u, {}};
  };
  raw_client peer{start()};
  upgrade_by_hand(peer);
  peer.send(frame(unfinished_binary, "0123") + frame(ping, "still there?")
            + frame(continuation, "4"));
  REQUIRE(until([&] {
    peer.receive();
    return peer.text == "\x8a\x0cstill there?";
  }));
  CHECK(accepted().text.empty());
  peer.send(frame(binary, "56789abcd") + frame(binary, "efghij"));
  REQUIRE(until([&] { return accepted().text.size() == 20; }));
  CHECK(accepted().text == "0123456789abcdefghij");
}

TEST_CASE_METHOD(websockets, "frames that break the rules end the connection",
                 "[net][websocket][io]") {
  session_options.websocket_message_limit = 100;
  raw_client peer{start()};
  upgrade_by_hand(peer);
  SECTION("text instead of binary") { peer.send(frame(text, "hello")); }
  SECTION("a message past the limit") {
    peer.send(frame(binary, std::string(101, 'x')));
  }
  SECTION("a frame without a mask") { peer.send("\x82\x01x"); }
  SECTION("half a frame") {
    peer.send("\x82");
    peer.end_writing();
  }
  CHECK(ends(peer));
  CHECK(until([&] { return accepted().closed.has_value(); }));
  CHECK(accepted().text.empty());
}

TEST_CASE_METHOD(websockets, "either side can close", "[net][websocket][io]") {
  upgrade(start());
  REQUIRE(failure.empty());
  auto& server = accepted();
  SECTION("the server") {
    server.transport->write(own("last words"));
    server.transport->close();
    REQUIRE(until([&] { return client->closed.has_value(); }));
    CHECK(client->text == "last words");
    CHECK(*client->closed == "closed by the peer");
    CHECK(server.closed == "closed by this side");
  }
  SECTION("the client") {
    client->transport->close();
    REQUIRE(until([&] { return server.closed.has_value(); }));
    CHECK(*server.closed == "closed by the peer");
  }
  SECTION("by dying") {
    caf::anon_send_exit(client->actor, caf::exit_reason::kill);
    CHECK(until([&] { return server.closed.has_value(); }));
  }
}

TEST_CASE_METHOD(websockets, "reading and writing have the same limits as TCP",
                 "[net][websocket][io]") {
  session_options.unread_limit = 1000;
  session_options.unsent_limit = 1'000'000;
  session_options.close_timeout = 50ms;
  raw_client peer{start()};
  upgrade_by_hand(peer);
  auto& server = accepted();
  SECTION("credit") {
    const auto flood = frame(binary, std::string(100, 'f'));
    for (int i = 0; i < 1000; ++i)
      peer.send(flood);
    settle();
    CHECK(server.text.size() < 1000 + 32 * 1024);
    server.transport->give_back(server.text.size());
    const auto before = server.text.size();
    CHECK(until([&] { return server.text.size() > before; }));
  }
  SECTION("a peer that does not read") {
    for (int i = 0; i < 20; ++i)
      server.transport->write(own(std::string(1'000'000, 'x')));
    CHECK(until([&] { return server.closed.has_value(); }));
  }
  SECTION("a peer that does not close") {
    server.transport->close();
    CHECK(ends(peer));
  }
}
