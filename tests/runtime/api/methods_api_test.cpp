#include "messages/ec.hpp"
#include "runtime/api/methods_api.hpp"
#include "support/deterministic.hpp"
#include "support/recorded_answer.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <catch2/catch.hpp>

using namespace tidegate;

namespace {

/// A methods actor that answers what it is told to, and an authenticator that
/// knows one token.
struct fixture : deterministic {
  std::vector<invoke_method> calls;
  std::vector<abandon_call> abandoned;
  std::shared_ptr<recorded_answer> last;
  caf::expected<method_outcome> outcome{method_outcome{200, own("[1]")}};
  methods_actor methods = sys.spawn([this](methods_actor::pointer) {
    return methods_actor::behavior_type{
      [this](const invoke_method& wish) -> caf::result<method_outcome> {
        calls.push_back(wish);
        if (!outcome)
          return outcome.error();
        return *outcome;
      },
      [](const method_response&) {},
      [this](const abandon_call& gone) { abandoned.push_back(gone); }};
  });
  authenticator_actor judge = sys.spawn([](authenticator_actor::pointer) {
    return authenticator_actor::behavior_type{
      [](const authenticate& who) -> caf::result<authenticated> {
        if (who.token == "good")
          return authenticated{who.id, 0};
        return ec::unauthorized;
      }};
  });
  caf::actor runner = sys.spawn(bridge);
  http::router router;

  fixture() {
    add_methods_api(router, {methods, judge, actor_bridge{runner}, "edge-1"});
    add_operator_methods_api(router,
                             {methods, judge, actor_bridge{runner}, "edge-1"});
  }

  ~fixture() {
    for (const auto& handle : {caf::actor_cast<caf::actor>(methods),
                               caf::actor_cast<caf::actor>(judge), runner})
      self->send_exit(handle, caf::exit_reason::user_shutdown);
    run();
  }

  http::response post(const std::string& path, http::header_list headers,
                      std::string body = R"({"methodName":"m"})") {
    http::request asked;
    asked.method = "POST";
    asked.path = path;
    asked.headers = std::move(headers);
    asked.body = std::move(body);
    const auto answer = last = std::make_shared<recorded_answer>();
    router(asked, http::responder{answer});
    run();
    return answer->got;
  }
};

const http::header_list good{{"x-ms-edge-moduleId", "edge-1/filter"},
                             {"Authorization", "good"}};

} // namespace

TEST_CASE_METHOD(fixture, "a module of this device calls a method",
                 "[methods]") {
  auto got = post("/twins/leaf/methods", good,
                  R"({"methodName":"m","payload":1.50,
                      "connectTimeoutInSeconds":3})");
  CHECK(got.status == 200);
  CHECK(got.body == R"({"status":200,"payload":[1]})");
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].target == identity_id{"leaf", ""});
  CHECK(to_string(calls[0].from) == "edge-1/filter");
  CHECK(calls[0].payload.view == "1.50");
  CHECK(calls[0].connect_timeout == std::chrono::seconds{3});
  post("/twins/edge-1/modules/sink%2D2/methods/", good);
  REQUIRE(calls.size() == 2);
  CHECK(calls[1].target == identity_id{"edge-1", "sink-2"});
}

TEST_CASE_METHOD(fixture, "who calls a method must say and show who it is",
                 "[methods]") {
  const auto* const path = "/twins/leaf/methods";
  CHECK(post(path, {{"Authorization", "good"}}).status == 400);
  CHECK(
    post(path, {{"x-ms-edge-moduleId", "edge-1"}, {"Authorization", "good"}})
      .status
    == 400);
  // Spec vector M4.
  CHECK(post(path, {{"x-ms-edge-moduleId", "edge-2/filter"},
                    {"Authorization", "good"}})
          .status
        == 401);
  CHECK(post(path, {{"x-ms-edge-moduleId", "edge-1/filter"},
                    {"Authorization", "bad"}})
          .status
        == 401);
  CHECK(post(path, {{"x-ms-edge-moduleId", "edge-1/filter"}}).status == 401);
  CHECK(calls.empty());
}

TEST_CASE_METHOD(fixture, "a method call that fails says how", "[methods]") {
  const auto* const path = "/twins/leaf/methods";
  CHECK(post(path, good, "{}").status == 400);
  CHECK(calls.empty());
  // Spec vectors M1 and M2.
  outcome = caf::make_error(ec::not_found, "leaf: is not connected");
  const auto absent = post(path, good);
  CHECK(absent.status == 404);
  CHECK(absent.body == R"({"message":"leaf: is not connected"})");
  outcome = caf::make_error(ec::timed_out, "leaf: did not answer");
  CHECK(post(path, good).status == 504);
}

TEST_CASE_METHOD(fixture, "the operator calls methods as well", "[methods]") {
  CHECK(post("/methods/edge-1/filter", {}).status == 200);
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].target == identity_id{"edge-1", "filter"});
  CHECK(to_string(calls[0].from) == "operator");
}

TEST_CASE_METHOD(fixture, "what a module may not call is forbidden to it",
                 "[methods]") {
  outcome = caf::make_error(ec::unauthorized, "not for modules");
  const auto got = post("/twins/edge-1/modules/%24edgeAgent/methods", good);
  CHECK(got.status == 403);
  CHECK(got.body == R"({"message":"not for modules"})");
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].from.is == method_caller::kind::module);
  SECTION("and an id is one letter for letter") {
    const http::header_list other{{"x-ms-edge-moduleId", "EDGE-1/filter"},
                                  {"Authorization", "good"}};
    CHECK(post("/twins/leaf/methods", other).status == 401);
  }
}

TEST_CASE_METHOD(fixture, "a call ends when whoever asked leaves",
                 "[methods]") {
  post("/twins/leaf/methods", good);
  REQUIRE(calls.size() == 1);
  REQUIRE(calls[0].ticket);
  REQUIRE(last->gone);
  last->gone();
  run();
  REQUIRE(abandoned.size() == 1);
  CHECK(abandoned[0].ticket == calls[0].ticket);
  CHECK(calls[0].ticket->left);
}
