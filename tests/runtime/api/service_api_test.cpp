#include "runtime/api/service_api.hpp"

#include "messages/ec.hpp"
#include "messages/iothub/base64.hpp"
#include "messages/iothub/percent.hpp"
#include "messages/iothub/sas_signature.hpp"
#include "support/deterministic.hpp"
#include "support/recorded_answer.hpp"

#include <boost/json.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <catch2/catch.hpp>
#include <map>
#include <set>

using namespace tidegate;

namespace {

std::string token_of(const std::string& policy) {
  const auto sr = percent_encode("hub.example.com");
  const std::string expiry = "1767326645";
  return format_sas_token(
           sr, base64_encode(hmac_sha256(policy, string_to_sign(sr, expiry))),
           expiry)
         + "&skn=" + policy;
}

/// A hub whose twins and methods answer what the test says.
struct service : deterministic {
  std::vector<put_identity> put;
  std::vector<delete_identity> deleted;
  std::map<identity_id, identity> known;
  std::vector<change_twin> changes;
  std::vector<invoke_method> invoked;
  caf::error failing;
  identities_actor identities = spawn_identities();
  twin_service_actor twins = spawn_twins();
  methods_actor methods = spawn_methods();
  caf::actor runner = sys.spawn(bridge);
  std::shared_ptr<policy_board> policies = make_policies();
  http::router calls;

  service() {
    add_service_api(calls, {identities, twins, methods, actor_bridge{runner}},
                    {policies, {"hub.example.com"}, [] {
                       return wall_time{std::chrono::seconds{1'767'323'045}};
                     }});
  }

  ~service() {
    for (const auto& handle : {caf::actor_cast<caf::actor>(identities),
                               caf::actor_cast<caf::actor>(twins),
                               caf::actor_cast<caf::actor>(methods), runner})
      caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
  }

  static std::shared_ptr<policy_board> make_policies() {
    auto all = first_policies();
    for (auto& one : all)
      one.primary_key = base64_encode(one.name);
    auto made = std::make_shared<policy_board>();
    made->publish(std::move(all));
    return made;
  }

  identities_actor spawn_identities() {
    return caf::actor_cast<identities_actor>(
      sys.spawn([this](caf::event_based_actor*) -> caf::behavior {
        return {[this](const put_identity& wish) -> caf::result<identity> {
                  put.push_back(wish);
                  if (failing)
                    return failing;
                  const auto& id = wish.value.id;
                  if (!wish.must_exist && known.contains(id))
                    return caf::make_error(ec::exists, to_string(id));
                  return known[id] = wish.value;
                },
                [this](const get_identity& wish) -> caf::result<identity> {
                  const auto found = known.find(wish.id);
                  if (found == known.end())
                    return caf::make_error(ec::not_found, to_string(wish.id));
                  return found->second;
                },
                [this](const delete_identity& wish) -> caf::result<identity> {
                  deleted.push_back(wish);
                  if (failing)
                    return failing;
                  return identity{};
                },
                [this](const list_identities& wish) {
                  std::vector<identity> page;
                  for (const auto& [id, one] : known)
                    if (to_string(id) > wish.after && page.size() < wish.most
                        && (wish.device.empty() || wish.device == id.device))
                      page.push_back(one);
                  return page;
                }};
      }));
  }

  void add(const std::string& id, bool edge = false) {
    auto& made = known[parse_identity_id(id)];
    made.id = parse_identity_id(id);
    made.edge = edge;
  }

  twin_service_actor spawn_twins() {
    using type = twin_service_actor;
    return sys.spawn([this](type::pointer) -> type::behavior_type {
      return {
        [](const get_twin&) { return twin_text{}; },
        [](const report_properties&) { return properties_reported{}; },
        [this](const get_twin_document& wish) -> caf::result<twin_document> {
          if (failing)
            return failing;
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

  methods_actor spawn_methods() {
    return sys.spawn([this](
                       methods_actor::pointer) -> methods_actor::behavior_type {
      return {[this](const invoke_method& wish) -> caf::result<method_outcome> {
                invoked.push_back(wish);
                if (failing)
                  return failing;
                return method_outcome{200, own("[1]")};
              },
              [](const method_response&) {}, [](const abandon_call&) {}};
    });
  }

  http::response call(const std::string& method, const std::string& target,
                      const std::string& body = {},
                      const std::string& policy = "iothubowner",
                      const std::string& if_match = {}) {
    http::request asked;
    asked.method = method;
    http::parse_target(target, asked);
    asked.body = body;
    if (!policy.empty())
      asked.headers.push_back({"Authorization", token_of(policy)});
    if (!if_match.empty())
      asked.headers.push_back({"If-Match", if_match});
    const auto answer = std::make_shared<recorded_answer>();
    calls(asked, http::responder{answer});
    run();
    return answer->got;
  }
};

/// A call, and the policies it is allowed to.
struct allowed_call {
  const char* method;
  const char* target;
  const char* body;
  std::set<std::string> policies;
};

const std::set<std::string> services{"iothubowner", "service"};

const std::set<std::string> readers{"iothubowner", "registryRead",
                                    "registryReadWrite"};
const std::set<std::string> writers{"iothubowner", "registryReadWrite"};

const std::vector<allowed_call> all_calls{
  {"GET", "/devices/?api-version=2021-04-12", "", readers},
  {"GET", "/devices/edge", "", readers},
  {"PUT", "/devices/new", "{}", writers},
  {"DELETE", "/devices/edge", "", writers},
  {"GET", "/devices/edge/modules", "", readers},
  {"GET", "/devices/edge/modules/m", "", readers},
  {"PUT", "/devices/edge/modules/new", "{}", writers},
  {"DELETE", "/devices/edge/modules/m", "", writers},
  {"POST",
   "/devices/edge/applyConfigurationContent",
   R"({"modulesContent":{"m":{"properties.desired":{}}}})",
   {"iothubowner"}},
  {"GET", "/twins/pump-7?api-version=2021-04-12", "", services},
  {"PATCH", "/twins/pump-7", "{}", services},
  {"PUT", "/twins/pump-7", "{}", services},
  {"GET", "/twins/pump-7/modules/m", "", services},
  {"PATCH", "/twins/pump-7/modules/m", "{}", services},
  {"PUT", "/twins/pump-7/modules/m", "{}", services},
  {"POST", "/twins/pump-7/methods", R"({"methodName":"m"})", services},
  {"POST", "/twins/pump-7/modules/m/methods", R"({"methodName":"m"})",
   services},
};

} // namespace

TEST_CASE_METHOD(service, "each call is for the policies that have its right",
                 "[service_api]") {
  for (const auto& one : all_calls)
    for (const auto* const policy :
         {"iothubowner", "service", "device", "registryRead",
          "registryReadWrite", "nobody", ""}) {
      CAPTURE(one.method, one.target, policy);
      known.clear();
      add("edge", true);
      add("edge/m");
      changes.clear();
      invoked.clear();
      put.clear();
      deleted.clear();
      const auto got = call(one.method, one.target, one.body, policy);
      if (one.policies.contains(policy)) {
        CHECK(got.status / 100 == 2);
        continue;
      }
      CHECK(got.status == 401);
      CHECK(got.headers.front().second == "IotHubUnauthorizedAccess");
      CHECK(changes.empty());
      CHECK(invoked.empty());
      CHECK(put.empty());
      CHECK(deleted.empty());
    }
}

TEST_CASE_METHOD(service, "a service keeps identities", "[service_api]") {
  const auto made
    = call("PUT", "/devices/pump-7",
           R"({"deviceId":"pump-7","status":"disabled","authentication":
               {"type":"sas","symmetricKey":{"primaryKey":"AAAA"}}})");
  CHECK(made.status == 200);
  CHECK(boost::json::parse(made.body).at("deviceId") == "pump-7");
  REQUIRE(put.size() == 1);
  CHECK_FALSE(put[0].must_exist);
  CHECK_FALSE(put[0].value.enabled);
  CHECK(put[0].value.primary_key == "AAAA");
  auto got = call("PUT", "/devices/pump-7", "{}");
  CHECK(got.status == 409);
  CHECK(got.headers[0].second == "DeviceAlreadyExists");
  call("PUT", "/devices/pump-7", "{}", "iothubowner", "\"*\"");
  call("PUT", "/devices/pump-7/modules/m", "{}", "iothubowner", "\"etag\"");
  REQUIRE(put.size() == 4);
  CHECK(put[2].must_exist);
  CHECK(put[2].if_match.empty());
  CHECK(put[3].value.id == identity_id{"pump-7", "m"});
  CHECK(put[3].if_match == "etag");
  CHECK(call("DELETE", "/devices/pump-7", "", "iothubowner", "\"etag\"").status
        == 204);
  CHECK(call("DELETE", "/devices/pump-7", "", "iothubowner", "*").status
        == 204);
  CHECK(deleted[0].if_match == "etag");
  CHECK(deleted[1].if_match.empty());
  got = call("PUT", "/devices/a%20b", "{}");
  CHECK(got.status == 400);
  CHECK(got.headers[0].second == "ArgumentInvalid");
}

TEST_CASE_METHOD(service, "a service lists devices and their modules",
                 "[service_api]") {
  for (int i = 0; i < 900; ++i) {
    add("device-" + std::to_string(i));
    add("device-" + std::to_string(i) + "/m");
  }
  const auto count = [this](const std::string& target) {
    return boost::json::parse(call("GET", target).body).as_array().size();
  };
  CHECK(count("/devices") == 900);
  CHECK(count("/devices?top=7") == 7);
  CHECK(count("/devices/device-1/modules") == 1);
}

TEST_CASE_METHOD(service, "a deployment makes modules and sets their twins",
                 "[service_api]") {
  add("edge", true);
  add("edge/$edgeHub");
  const auto* const target = "/devices/edge/applyConfigurationContent";
  const auto got = call("POST", target,
                        R"({"modulesContent":{
    "$edgeAgent":{"properties.desired":{"modules":{"filter":{}}}},
    "$edgeHub":{"properties.desired.routes.up":"FROM /* INTO $upstream"}}})");
  CHECK(got.status == 204);
  CHECK(known.contains({"edge", "$edgeAgent"}));
  CHECK(known[{"edge", "filter"}].managed_by == "IotEdge");
  REQUIRE(changes.size() == 2);
  CHECK(changes[0].id == identity_id{"edge", "$edgeAgent"});
  CHECK(changes[0].replace);
  CHECK(boost::json::serialize(changes[0].change)
        == R"({"properties":{"desired":{"modules":{"filter":{}}}}})");
  CHECK(changes[1].id == identity_id{"edge", "$edgeHub"});
  CHECK_FALSE(changes[1].replace);
  CHECK(call("POST", target, "{}").status == 400);
  add("leaf");
  CHECK(call("POST", "/devices/leaf/applyConfigurationContent",
             R"({"modulesContent":{}})")
          .status
        == 400);
  CHECK(call("POST", "/devices/none/applyConfigurationContent",
             R"({"modulesContent":{}})")
          .status
        == 404);
}

TEST_CASE_METHOD(service, "a service reads and changes twins",
                 "[service_api]") {
  CHECK(call("GET", "/twins/pump-7/modules/%24edgeHub").body
        == R"({"deviceId":"pump-7/$edgeHub"})");
  CHECK(call("PATCH", "/twins/pump-7", R"({"tags":{"a":1}})").status == 200);
  CHECK(call("PUT", "/twins/pump-7", R"({"tags":{}})").status == 200);
  REQUIRE(changes.size() == 2);
  CHECK_FALSE(changes[0].replace);
  CHECK(changes[1].replace);
}

TEST_CASE_METHOD(service, "a service calls methods", "[service_api]") {
  const auto got = call("POST", "/twins/pump-7/methods",
                        R"({"methodName":"m","payload":{"a":1}})");
  CHECK(got.body == R"({"status":200,"payload":[1]})");
  REQUIRE(invoked.size() == 1);
  CHECK(to_string(invoked[0].from) == "service");
  CHECK(invoked[0].payload.view == R"({"a":1})");
}

TEST_CASE_METHOD(service, "errors are told as the service SDKs read them",
                 "[service_api]") {
  failing = caf::make_error(ec::not_found, "pump-7: is not there");
  auto got = call("GET", "/twins/pump-7");
  CHECK(got.status == 404);
  CHECK(std::string{boost::json::parse(got.body).at("Message").as_string()}
        == "ErrorCode:DeviceNotFound;pump-7: is not there");
  REQUIRE(got.headers.size() == 1);
  CHECK(got.headers[0]
        == std::pair<std::string, std::string>{"iothub-errorcode",
                                               "DeviceNotFound"});
  CHECK(call("GET", "/twins/pump-7/modules/m").headers[0].second
        == "ModuleNotFound");
  CHECK(call("POST", "/twins/pump-7/methods", R"({"methodName":"m"})")
          .headers[0]
          .second
        == "DeviceNotOnline");
  failing = caf::make_error(ec::stale, "has changed");
  got = call("PATCH", "/twins/pump-7", "{}");
  CHECK(got.status == 412);
  CHECK(got.headers[0].second == "PreconditionFailed");
  CHECK(call("PATCH", "/twins/pump-7", "nonsense").status == 400);
  CHECK(call("POST", "/twins/pump-7/methods", "{}").status == 400);
}

TEST_CASE("calls of services are told from those of devices", "[service_api]") {
  const auto is = [](const std::string& token) {
    http::request asked;
    asked.headers.push_back({"Authorization", token});
    return is_service_call(asked, first_policies());
  };
  const auto of_device = [](const std::string& policy) {
    return *mint_sas_token("hub.example.com", {"leaf", ""}, "AAAA",
                           std::chrono::sys_seconds{})
           + policy;
  };
  CHECK(is(token_of("service")));
  CHECK(is(token_of("deleted")));
  CHECK(is(of_device("&skn=device")));
  CHECK_FALSE(is(of_device("")));
  CHECK_FALSE(is(of_device("&skn=any"))); // its own key, whatever it names
  CHECK_FALSE(is(""));
}
