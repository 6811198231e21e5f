#include "runtime/api/twins_api.hpp"

#include "messages/ec.hpp"
#include "support/deterministic.hpp"
#include "support/recorded_answer.hpp"

#include <boost/json.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <catch2/catch.hpp>

using namespace tidegate;

namespace {

struct api : deterministic {
  std::vector<change_twin> changes;
  caf::error failing;
  twin_service_actor twins = spawn_twins();
  caf::actor runner = sys.spawn(bridge);
  http::router calls;

  api() {
    add_twins_api(calls, twins, "hub.example.com", actor_bridge{runner});
  }
  ~api() {
    caf::anon_send_exit(twins, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(runner, caf::exit_reason::user_shutdown);
  }

  twin_service_actor spawn_twins() {
    using type = twin_service_actor;
    return sys.spawn([this](type::pointer) -> type::behavior_type {
      return {
        [](const get_twin&) { return twin_text{}; },
        [](const report_properties&) { return properties_reported{}; },
        [](const get_twin_document& wish) -> caf::result<twin_document> {
          if (wish.id.device != "pump-7")
            return caf::make_error(ec::not_found, "no such twin");
          return twin_document{{{"deviceId", to_string(wish.id)}}};
        },
        [this](const change_twin& wish) -> caf::result<twin_document> {
          changes.push_back(wish);
          if (failing)
            return failing;
          return twin_document{{{"changed", true}}};
        },
      };
    });
  }

  http::response call(const std::string& method, const std::string& target,
                      const std::string& body = {},
                      const std::string& if_match = {}) {
    http::request asked;
    asked.method = method;
    http::parse_target(target, asked);
    asked.body = body;
    if (!if_match.empty())
      asked.headers.push_back({"If-Match", if_match});
    const auto answer = std::make_shared<recorded_answer>();
    calls(asked, http::responder{answer});
    run();
    return answer->got;
  }
};

} // namespace

TEST_CASE_METHOD(api, "an operator reads twins", "[twins_api]") {
  CHECK(call("GET", "/twins/pump-7").body == R"({"deviceId":"pump-7"})");
  CHECK(call("GET", "/twins/pump-7/%24edgeHub").body
        == R"({"deviceId":"pump-7/$edgeHub"})");
  CHECK(call("GET", "/twins/stranger").status == 404);
}

TEST_CASE_METHOD(api, "an operator changes twins", "[twins_api]") {
  CHECK(call("PATCH", "/twins/pump-7", R"({"tags":{"a":1}})").status == 200);
  CHECK(call("PUT", "/twins/pump-7", R"({"tags":{}})", "\"AAA=\"").status
        == 200);
  CHECK(call("PATCH", "/twins/pump-7", R"({"tags":{}})", "*").status == 200);
  REQUIRE(changes.size() == 3);
  CHECK_FALSE(changes[0].replace);
  CHECK(changes[0].if_match.empty());
  CHECK(changes[1].replace);
  CHECK(changes[1].if_match == "AAA=");
  CHECK(changes[2].if_match.empty());
}

TEST_CASE_METHOD(api, "what is wrong with a change is told", "[twins_api]") {
  CHECK(call("PATCH", "/twins/pump-7", "nonsense").status == 400);
  CHECK(changes.empty());
  failing = caf::make_error(ec::stale, "has changed meanwhile");
  CHECK(call("PATCH", "/twins/pump-7", "{}").status == 412);
}

TEST_CASE_METHOD(api, "a gateway says where its twins are managed",
                 "[twins_api]") {
  http::router gateway;
  add_twins_api(gateway, twin_service_actor{}, "hub.example.com",
                actor_bridge{runner});
  http::request asked;
  asked.method = "GET";
  http::parse_target("/twins/pump-7", asked);
  const auto answer = std::make_shared<recorded_answer>();
  gateway(asked, http::responder{answer});
  CHECK(answer->got.status == 409);
  CHECK(answer->got.body.find("hub.example.com") != std::string::npos);
}
