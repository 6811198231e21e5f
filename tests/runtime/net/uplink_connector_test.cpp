#include "runtime/net/uplink_connector.hpp"

#include "connection_fixture.hpp"
#include "scratch_certificates.hpp"

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

/// What a parent session hears of its attempt to connect.
struct attempt {
  std::vector<transport_ptr> transports;
  std::vector<std::string> reasons;
  std::string text;
};

struct uplink_network : connections {
  scratch_certificates files;
  std::shared_ptr<attempt> heard = std::make_shared<attempt>();
  caf::actor session = sys.spawn([heard = heard]() -> caf::behavior {
    return {
      [heard](const connected& news) {
        heard->transports.push_back(news.transport);
      },
      [heard](const received& news) { heard->text += news.data.view; },
      [heard](const closed& news) { heard->reasons.push_back(news.reason); }};
  });

  ~uplink_network() {
    for (const auto& transport : heard->transports)
      transport->close();
    caf::anon_send_exit(session, caf::exit_reason::user_shutdown);
    settle();
  }

  std::uint16_t parent() {
    listen_options where;
    where.tls = files.server();
    return open({}, where);
  }

  /// One attempt, until the session has heard how it went.
  void attempt_to(const parent_endpoint& to,
                  const std::shared_ptr<tls_client>& tls,
                  std::chrono::milliseconds timeout = 10s) {
    make_uplink_connector(loop, tls, timeout)->connect(to, session);
    REQUIRE(until(
      [this] { return heard->transports.size() + heard->reasons.size() > 0; }));
  }
};

} // namespace

TEST_CASE_METHOD(uplink_network,
                 "a parent session gets its connection, then bytes, then the "
                 "end",
                 "[net][uplink][io]") {
  attempt_to({"localhost", parent(), true}, files.client());
  REQUIRE(heard->transports.size() == 1);
  CHECK(heard->transports[0]->peer().listener == "uplink");
  CHECK(heard->transports[0]->peer().encrypted);
  auto& far = accepted();
  heard->transports[0]->write(own("up"));
  far.transport->write(own("down"));
  REQUIRE(until([&] { return far.text == "up" && heard->text == "down"; }));
  CHECK(heard->reasons.empty());
  far.transport->close();
  REQUIRE(until([this] { return !heard->reasons.empty(); }));
  CHECK(heard->reasons == std::vector<std::string>{"closed by the peer"});
}

TEST_CASE_METHOD(uplink_network,
                 "a parent session hears once, with the reason, that there is "
                 "no connection",
                 "[net][uplink][io]") {
  parent_endpoint to{"127.0.0.1", 0, true};
  std::string reason;
  SECTION("because nobody listens") {
    to.port = parent();
    door->stop();
    settle();
    attempt_to(to, files.client());
    reason = "Connection refused";
  }
  SECTION("because the parent shows a certificate of another name") {
    files.issue("server", {"other", {"other.example"}});
    to = {"localhost", parent(), true};
    attempt_to(to, files.client());
    reason = "hostname mismatch";
  }
  SECTION("because there is nothing to judge the parent by") {
    attempt_to({"localhost", parent(), true}, nullptr);
    reason = "no certificates to trust";
  }
  SECTION("because the name leads nowhere") {
    attempt_to({"parent.invalid", 5671, true}, files.client());
    reason = "parent.invalid";
  }
  SECTION("because the parent says nothing") {
    listen_options where; // takes connections, shakes no hands
    to = {"localhost", open({}, where), true};
    attempt_to(to, files.client(), 50ms);
    reason = "took too long";
  }
  CHECK(heard->transports.empty());
  REQUIRE(heard->reasons.size() == 1);
  CHECK_THAT(heard->reasons[0], Catch::Contains(reason));
}

TEST_CASE_METHOD(uplink_network,
                 "a connection that opens for a session that is gone is "
                 "closed again",
                 "[net][uplink][io]") {
  const parent_endpoint to{"localhost", parent(), true};
  make_uplink_connector(loop, files.client(), 10s)->connect(to, session);
  caf::anon_send_exit(session, caf::exit_reason::user_shutdown);
  auto& far = accepted();
  REQUIRE(until([&] { return far.closed.has_value(); }));
}
