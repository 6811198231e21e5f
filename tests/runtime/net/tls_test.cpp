#include "connection_fixture.hpp"
#include "messages/error_text.hpp"
#include "raw_client.hpp"
#include "runtime/net/connector.hpp"
#include "scratch_certificates.hpp"

#include <catch2/catch.hpp>
#include <prometheus/text_serializer.h>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

struct encrypted : connections {
  scratch_certificates files;
  listen_options where;
  record_ptr client = std::make_shared<session_record>();
  std::string failure;

  ~encrypted() {
    if (client->transport)
      client->transport->close();
  }

  std::uint16_t open_tls(std::shared_ptr<tls_server> server,
                         connection_options options = {}) {
    where.tls = std::move(server);
    return open(std::move(options), where);
  }

  void connect_tls(std::uint16_t port, std::string host = "localhost",
                   std::shared_ptr<tls_client> with = nullptr) {
    connect_options to;
    to.host = std::move(host);
    to.port = port;
    to.tls = with ? with : files.client();
    connect(
      loop, to, {},
      [this](const transport_ptr& transport) {
        client->transport = transport;
        client->actor = sys.spawn(recording_session, client);
        return client->actor;
      },
      [this](const caf::error& why) { failure = error_text(why); });
    REQUIRE(until([&] { return client->transport || !failure.empty(); }));
  }
};

} // namespace

TEST_CASE_METHOD(encrypted, "bytes go both ways under TLS", "[net][tls][io]") {
  connection_options options;
  options.unsent_limit = 64'000'000;
  options.unread_limit = 64'000'000;
  const auto port = open_tls(files.server(), options);
  connect_tls(port);
  REQUIRE(failure.empty());
  auto& server = accepted();
  std::string up;
  for (int i = 0; i < 2000; ++i) {
    const std::string piece(static_cast<std::size_t>(i),
                            static_cast<char>('a' + i % 26));
    up += piece;
    client->transport->write(own(piece));
  }
  const std::string down(3'000'000, 'd');
  server.transport->write(own(down));
  REQUIRE(until([&] {
    client->transport->give_back(
      client->batches.empty() ? 0 : client->batches.back().size());
    client->batches.clear();
    return server.text.size() == up.size()
           && client->text.size() == down.size();
  }));
  CHECK(server.text == up);
  CHECK(client->text == down);
  CHECK(server.transport->peer().encrypted);
  CHECK(server.transport->peer().certificate.empty());
  CHECK(client->transport->peer().certificate.find("BEGIN CERTIFICATE")
        != std::string::npos);
  client->transport->close();
  REQUIRE(until([&] { return server.closed.has_value(); }));
  CHECK(*server.closed == "closed by the peer");
}

TEST_CASE_METHOD(encrypted, "a client verifies the name of the server",
                 "[net][tls][io]") {
  const auto port = open_tls(files.server());
  SECTION("a DNS name") { connect_tls(port, "localhost"); }
  SECTION("an IP address") { connect_tls(port, "127.0.0.1"); }
  CHECK(failure.empty());
}

TEST_CASE_METHOD(encrypted, "a client refuses a server it can not trust",
                 "[net][tls][io]") {
  SECTION("because it has another name") {
    files.issue("server", {"other", {"other.example"}});
    connect_tls(open_tls(files.server()));
    CHECK(failure.find("hostname mismatch") != std::string::npos);
  }
  SECTION("because it has another address") {
    files.issue("server", {"other", {"127.0.0.2"}});
    connect_tls(open_tls(files.server()), "127.0.0.1");
    CHECK(failure.find("IP address mismatch") != std::string::npos);
  }
  SECTION("because nobody vouches for it") {
    const auto port = open_tls(files.server());
    const auto system = tls_client::open({});
    REQUIRE(system);
    connect_tls(port, "localhost", *system);
    CHECK(failure.find("certificate") != std::string::npos);
  }
  SECTION("because it shows a client's certificate") {
    files.issue(
      "server",
      {"server", {"localhost"}, std::chrono::days{1}, certificate_use::client});
    connect_tls(open_tls(files.server()));
    CHECK(failure.find("purpose") != std::string::npos);
  }
  CHECK(sessions.empty());
}

TEST_CASE_METHOD(encrypted, "a client certificate is kept for the session",
                 "[net][tls][io]") {
  const auto shown = files.issue(
    "device", {"device-1", {}, std::chrono::days{1}, certificate_use::client});
  auto options = files.server_options();
  options.request_client_certificate = true;
  const auto server = tls_server::open(options);
  REQUIRE(server);
  const auto port = open_tls(*server);
  SECTION("when it is shown") {
    connect_tls(port, "localhost", files.client("device"));
    CHECK(accepted().transport->peer().certificate == shown.certificate);
  }
  SECTION("even if nobody vouches for it") {
    const auto stranger = make_ca("stranger", std::chrono::days{1});
    REQUIRE(stranger);
    REQUIRE_FALSE(
      write_private_file(files.certificate("device"), stranger->certificate));
    REQUIRE_FALSE(write_private_file(files.key("device"), stranger->key));
    connect_tls(port, "localhost", files.client("device"));
    CHECK(accepted().transport->peer().certificate == stranger->certificate);
  }
  SECTION("and may be missing") {
    connect_tls(port);
    CHECK(accepted().transport->peer().certificate.empty());
  }
}

TEST_CASE_METHOD(encrypted, "new connections use reloaded certificates",
                 "[net][tls][io]") {
  const auto server = files.server();
  const auto port = open_tls(server);
  const auto renewed = files.issue("server", {"renewed", {"localhost"}});
  SECTION("once they are loaded") {
    REQUIRE_FALSE(server->reload());
    connect_tls(port);
    CHECK(client->transport->peer().certificate == renewed.certificate);
  }
  SECTION("unless they are broken") {
    REQUIRE_FALSE(write_private_file(files.key("server"), "no key"));
    CHECK(error_text(server->reload()).find("server.key") != std::string::npos);
    connect_tls(port);
    CHECK(client->transport->peer().certificate != renewed.certificate);
  }
}

TEST_CASE_METHOD(encrypted, "a peer that does not speak TLS is dropped",
                 "[net][tls][io]") {
  const auto registry = std::make_shared<prometheus::Registry>();
  where.meters = std::make_shared<metrics>(registry, prometheus::Labels{});
  where.handshake_timeout = 50ms;
  raw_client peer{open_tls(files.server())};
  SECTION("when it talks something else") {
    peer.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  SECTION("when it says nothing") {}
  SECTION("when it stops in the middle") {
    peer.send(std::string{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11});
  }
  CHECK(until([&] {
    peer.receive();
    return peer.ended;
  }));
  CHECK(sessions.empty());
  const auto text = prometheus::TextSerializer{}.Serialize(registry->Collect());
  CHECK(text.find("tidegate_connections_refused_total{listener=\"test\","
                  "reason=\"handshake\"} 1")
        != std::string::npos);
}

TEST_CASE_METHOD(encrypted, "a peer cannot prolong its TLS handshake by bytes",
                 "[net][tls][io]") {
  where.handshake_timeout = 100ms;
  raw_client peer{open_tls(files.server())};
  // The beginning of a ClientHello, byte by byte for as long as it takes.
  std::string hello{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11};
  hello.resize(500, 'r');
  std::size_t sent = 0;
  const auto began = std::chrono::steady_clock::now();
  auto next = began;
  CHECK(until([&] {
    if (std::chrono::steady_clock::now() >= next && sent < hello.size()) {
      sent += peer.send(hello.substr(sent, 1));
      next += 20ms;
    }
    peer.receive();
    return peer.ended;
  }));
  CHECK(sent < hello.size());
  CHECK(std::chrono::steady_clock::now() - began >= 100ms);
  CHECK(sessions.empty());
}

TEST_CASE_METHOD(encrypted, "a server without a name is never trusted",
                 "[net][tls]") {
  CHECK(files.client()->make_session("") == nullptr);
  CHECK(files.client()->make_session("localhost") != nullptr);
}

TEST_CASE_METHOD(encrypted, "missing certificate files are named",
                 "[net][tls]") {
  auto options = files.server_options();
  options.certificate_file = "/nowhere/server.pem";
  const auto server = tls_server::open(options);
  REQUIRE_FALSE(server);
  CHECK(error_text(server.error()).find("/nowhere/server.pem")
        != std::string::npos);
}
