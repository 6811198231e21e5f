#include "actors/clients/registry.hpp"
#include "actors/methods/methods.hpp"
#include "messages/ec.hpp"
#include "support/deterministic.hpp"
#include "support/node_context.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

const identity_id leaf{"leaf", ""};

struct fixture : deterministic {
  std::shared_ptr<metrics> meters = make_metrics();
  client_registry_actor clients = sys.spawn(
    client_registry, std::size_t{10}, [] { return std::int64_t{0}; }, meters);
  std::vector<identity_id> refreshed;
  methods_actor calls = sys.spawn(methods, context());
  std::vector<method_request> requests; ///< what sessions were sent
  caf::expected<method_outcome> outcome{ec::ok};
  int outcomes = 0;
  method_caller from{method_caller::kind::parent, {}};
  call_ticket_ptr ticket;

  ~fixture() {
    self->send_exit(calls, caf::exit_reason::user_shutdown);
    self->send_exit(clients, caf::exit_reason::user_shutdown);
    run();
  }

  methods_context context() {
    methods_context made;
    made.clients = clients;
    made.meters = meters;
    made.own_module = {"edge-1", "$edgeHub"};
    made.refresh = [this](const identity_id& id) { refreshed.push_back(id); };
    made.limits.calls_of_target = 2;
    made.agent_callers = {"console"};
    return made;
  }

  /// A session of `leaf` that takes calls.
  caf::actor connect() {
    const auto session
      = sys.spawn([this](caf::event_based_actor*) -> caf::behavior {
          return {
            [](const replaced&) {},
            [this](const method_request& asked) { requests.push_back(asked); }};
        });
    REQUIRE(
      ask<client_joined>(clients, client_join{leaf, session, "mqtt", ""}));
    caf::anon_send(clients,
                   client_subscribed{leaf, session, {true, false, false}});
    run();
    return session;
  }

  void invoke(identity_id target, std::chrono::milliseconds connect = 0s,
              std::string name = "reboot", std::string payload = "{}") {
    const invoke_method wish{std::move(target),
                             std::move(name),
                             own(std::move(payload)),
                             connect,
                             30s,
                             from,
                             ticket};
    sys.spawn([this, wish](caf::event_based_actor* caller) {
      caller->request(calls, 400s, wish)
        .then(
          [this](const method_outcome& came) {
            ++outcomes;
            outcome = came;
          },
          [this](const caf::error& error) {
            ++outcomes;
            outcome = error;
          });
    });
    run();
  }

  void answer(identity_id by, const std::string& rid, std::int32_t status) {
    caf::anon_send(calls,
                   method_response{std::move(by), rid, status, own("7")});
    run();
  }

  std::string upper(std::string text) {
    for (auto& c : text)
      c = static_cast<char>(std::toupper(c));
    return text;
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "a client's answer goes to the caller", "[methods]") {
  const auto session = connect();
  invoke(leaf);
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].name == "reboot");
  CHECK(requests[0].payload.view == "{}");
  CHECK(requests[0].rid.size() == 36);
  CHECK(outcomes == 0);
  answer({"other", ""}, requests[0].rid, 200);
  answer(leaf, "no-such-call", 200);
  CHECK(outcomes == 0);
  answer(leaf, upper(requests[0].rid), 205);
  REQUIRE(outcome);
  CHECK(outcome->status == 205);
  CHECK(outcome->payload.view == "7");
  answer(leaf, requests[0].rid, 500);
  CHECK(outcomes == 1);
  self->send_exit(session, caf::exit_reason::user_shutdown);
}

TEST_CASE_METHOD(fixture, "a client that is not there cannot be called",
                 "[methods]") {
  invoke(leaf);
  CHECK(outcome.error() == ec::not_found);
  SECTION("unless it comes while the caller waits") {
    invoke(leaf, 5s);
    pass(4s);
    const auto session = connect();
    pass(2s);
    CHECK(requests.empty());
    pass(1s);
    REQUIRE(requests.size() == 1);
    answer(leaf, requests[0].rid, 200);
    CHECK(outcome);
    self->send_exit(session, caf::exit_reason::user_shutdown);
  }
  SECTION("nor when it comes too late") {
    invoke(leaf, 5s);
    CHECK(outcomes == 1);
    pass(5s);
    CHECK(outcomes == 2);
    CHECK(outcome.error() == ec::not_found);
  }
}

TEST_CASE_METHOD(fixture, "every caller is answered", "[methods]") {
  const auto session = connect();
  invoke(leaf);
  SECTION("when the client is silent") {
    pass(29s);
    CHECK(outcomes == 0);
    pass(1s);
    CHECK(outcome.error() == ec::timed_out);
  }
  SECTION("when the client dies") {
    self->send_exit(session, caf::exit_reason::kill);
    run();
    CHECK(outcome.error() == ec::timed_out);
  }
  SECTION("when the node stops") {
    self->send_exit(calls, caf::exit_reason::user_shutdown);
    run();
    CHECK(outcomes == 1);
    CHECK_FALSE(outcome);
  }
  SECTION("when too many calls are under way") {
    invoke(leaf);
    CHECK(outcomes == 0);
    invoke(leaf);
    CHECK(outcome.error() == ec::unavailable);
    CHECK(requests.size() == 2);
  }
  self->send_exit(session, caf::exit_reason::user_shutdown);
}

TEST_CASE_METHOD(fixture, "the gateway's own module has one method",
                 "[methods]") {
  const identity_id own_module{"edge-1", "$edgeHub"};
  invoke(own_module, 0s, "RefreshDeviceScopeIdentityCache",
         R"({"deviceIds":["leaf"]})");
  REQUIRE(outcome);
  CHECK(outcome->status == 200);
  CHECK(refreshed == std::vector<identity_id>{leaf});
  invoke(own_module, 0s, "RefreshDeviceScopeIdentityCache", "7");
  CHECK(outcome->status == 400);
  invoke(own_module, 0s, "reboot");
  CHECK(outcome->status == 404);
}

TEST_CASE_METHOD(fixture, "the runtime's methods are not for any module",
                 "[methods]") {
  using kind = method_caller::kind;
  const identity_id hub{"edge-1", "$edgeHub"};
  const auto call = [&](const method_caller& by, const identity_id& target) {
    from = by;
    invoke(target, 0s, "RefreshDeviceScopeIdentityCache",
           R"({"deviceIds":["leaf"]})");
  };
  const identity_id filter{"edge-1", "filter"};
  SECTION("neither of this device's") {
    call({kind::module, filter}, hub);
    CHECK(outcome.error() == ec::unauthorized);
    CHECK(refreshed.empty());
    call({kind::module, filter}, {"edge-1", "$edgeAgent"});
    CHECK(outcome.error() == ec::unauthorized);
  }
  SECTION("nor of one below, however it is spelled") {
    call({kind::module, filter}, {"edge-2", "$edgeAgent"});
    CHECK(outcome.error() == ec::unauthorized);
    call({kind::module, filter}, {"edge-1", "$EDGEHUB"});
    CHECK(outcome.error() == ec::unauthorized);
  }
  SECTION("but for one that is named") {
    call({kind::module, {"edge-1", "console"}}, hub);
    REQUIRE(outcome);
    CHECK(outcome->status == 200);
    call({kind::module, {"edge-1", "Console"}}, hub);
    CHECK(outcome.error() == ec::unauthorized);
  }
  SECTION("and for everybody else who may call") {
    for (const auto by : {kind::parent, kind::service, kind::operator_}) {
      call({by, {}}, hub);
      REQUIRE(outcome);
      CHECK(outcome->status == 200);
    }
  }
}

TEST_CASE_METHOD(fixture, "a method's name is one at every door", "[methods]") {
  const auto session = connect();
  for (const char* name : {"", "a/b", "#", "a+b", "a\r\nb", "a b",
                           "caf\xc3\xa9", "a%2Fb", "a?b"}) {
    INFO(name);
    invoke(leaf, 0s, name);
    CHECK(outcome.error() == ec::bad_argument);
  }
  invoke(leaf, 0s, std::string{"a\0b", 3});
  CHECK(outcome.error() == ec::bad_argument);
  CHECK(requests.empty());
  invoke(leaf, 0s, "thermostat1*getMaxMin-Report_v1.2");
  CHECK(requests.size() == 1);
  self->send_exit(session, caf::exit_reason::user_shutdown);
}

TEST_CASE_METHOD(fixture, "a call ends with its caller", "[methods]") {
  const auto session = connect();
  from = {method_caller::kind::operator_, {}};
  ticket = std::make_shared<call_ticket>();
  SECTION("while its target works") {
    invoke(leaf);
    invoke(leaf);
    REQUIRE(requests.size() == 2);
    const auto rid = requests[0].rid;
    ticket->left = true;
    caf::anon_send(calls, abandon_call{ticket});
    run();
    CHECK(outcomes == 1);
    ticket = nullptr;
    invoke(leaf); // there is a place again
    CHECK(requests.size() == 3);
    answer(leaf, rid, 200);
    CHECK(outcomes == 1);
  }
  SECTION("also when it left first") {
    ticket->left = true;
    invoke(leaf);
    CHECK(outcomes == 1);
    CHECK(requests.empty());
  }
  self->send_exit(session, caf::exit_reason::user_shutdown);
}
