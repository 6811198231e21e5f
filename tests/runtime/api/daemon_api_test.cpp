#include "actors/deployment/deployment_messages.hpp"
#include "actors/modules/module_messages.hpp"
#include "actors/supervision/supervisor_messages.hpp"
#include "messages/ec.hpp"
#include "runtime/api/daemon_api.hpp"
#include "support/deterministic.hpp"
#include "support/fake_engine.hpp"
#include "support/recorded_answer.hpp"
#include "support/vectors.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using namespace tidegate;
using std::chrono::milliseconds;

namespace {

constexpr std::int64_t now = 1'767'323'045'678; // 2026-01-02T03:04:05.678Z

/// Has one line in every log, and remembers what was asked for.
struct logging_engine final : fake_engine {
  std::vector<log_query> queries;

  void logs(std::string, log_query query,
            std::shared_ptr<log_sink> sink) override {
    queries.push_back(query);
    sink->end({});
  }
};

/// A gateway with the module `m`, as far as these calls can see.
struct daemon_fixture : deterministic {
  std::vector<std::string> told;
  std::vector<make_support_bundle> packed;
  module_status status;
  std::shared_ptr<logging_engine> runs_them
    = std::make_shared<logging_engine>();
  caf::actor agent = sys.spawn([this](caf::event_based_actor*) {
    const auto take
      = [this](const char* what,
               const std::string& name) -> caf::result<module_status> {
      if (name != status.name)
        return caf::make_error(ec::not_found, "there is none");
      told.push_back(what + name);
      return status;
    };
    return caf::behavior{
      [this](get_modules) { return std::vector<module_status>{status}; },
      [this](const make_support_bundle& wish) {
        packed.push_back(wish);
        return support_bundle{"zip"};
      },
      [take](const start_module& wish) { return take("start ", wish.name); },
      [take](const stop_module& wish) { return take("stop ", wish.name); },
      [take](const restart_module& wish) {
        return take("restart ", wish.name);
      }};
  });
  caf::actor root = sys.spawn([this](caf::event_based_actor*) {
    return caf::behavior{
      [this](const get_child&) { return child_handle{agent}; }};
  });
  caf::actor known = sys.spawn([](caf::event_based_actor*) {
    return caf::behavior{[](const list_identities&) {
      identity device;
      device.id.device = "gw";
      identity module;
      module.id = {"gw", "$edgeHub"};
      module.managed_by = "IotEdge";
      module.generation = "7";
      return std::vector<identity>{device, module};
    }};
  });
  caf::actor runner = sys.spawn(bridge);
  http::router api{400};

  daemon_fixture() {
    status.name = "m";
    status.image = "m:1";
    status.status = runtime_status::failed;
    status.description = "exit code 3";
    status.exit_code = 3;
    status.last_start = now - 1000;
    status.last_exit = now;
    add_daemon_api(
      api, {{root, actor_bridge{runner}, deployment::engine_kind::process},
            runs_them,
            caf::actor_cast<identities_actor>(known),
            "gw",
            [] { return now; }});
  }

  ~daemon_fixture() {
    for (const auto& handle : {agent, root, known, runner})
      self->send_exit(handle, caf::exit_reason::user_shutdown);
    run();
  }

  http::response call(const std::string& method, const std::string& target) {
    http::request asked;
    asked.method = method;
    http::parse_target(target, asked);
    const auto answer = std::make_shared<recorded_answer>();
    api(asked, http::responder{answer});
    run();
    return answer->got;
  }

  boost::json::object get(const std::string& path) {
    const auto answer = call("GET", path + "?api-version=2022-08-03");
    INFO(answer.body);
    REQUIRE(answer.status == 200);
    return boost::json::parse(answer.body).as_object();
  }
};

} // namespace

TEST_CASE_METHOD(daemon_fixture, "tools of IoT Edge see the modules",
                 "[daemon]") {
  const auto expected = boost::json::parse(R"({
    "id": "id", "name": "m", "type": "process",
    "config": {"settings": {"image": "m:1", "imageHash": "",
                            "createOptions": {"Labels": {}}}, "env": []},
    "status": {
      "startTime": "2026-01-02T03:04:04.678Z",
      "exitStatus": {"exitTime": "2026-01-02T03:04:05.678Z",
                     "statusCode": "3"},
      "runtimeStatus": {"status": "failed", "description": "exit code 3"}}})");
  CHECK(get("/modules/m") == expected);
  CHECK(get("/modules").at("modules") == boost::json::array{expected});
  SECTION("also one that never ran") {
    status = {};
    status.name = "new";
    CHECK(get("/modules/new").at("status")
          == boost::json::parse(R"({"runtimeStatus":{"status":"unknown"}})"));
  }
}

TEST_CASE_METHOD(daemon_fixture, "tools start, stop and restart modules",
                 "[daemon]") {
  for (const char* what : {"start", "stop", "restart"})
    CHECK(call("POST",
               std::string{"/modules/m/"} + what + "?api-version=2018-06-28")
            .status
          == 204);
  CHECK(told == std::vector<std::string>{"start m", "stop m", "restart m"});
  CHECK(call("POST", "/modules/x/start?api-version=2018-06-28").status == 404);
}

TEST_CASE_METHOD(daemon_fixture, "tools see identities and the machine",
                 "[daemon]") {
  CHECK(get("/identities").at("identities")
        == boost::json::parse(R"([{"moduleId":"$edgeHub","managedBy":"IotEdge",
                                   "generationId":"7","authType":"sas"}])"));
  const auto machine = get("/systeminfo");
  CHECK(machine.at("osType") == "linux");
  CHECK(machine.at("cpus").to_number<int>() > 0);
  const auto usage = get("/systeminfo/resources");
  CHECK(usage.at("total_ram").to_number<std::uint64_t>()
        > usage.at("used_ram").to_number<std::uint64_t>());
}

TEST_CASE_METHOD(daemon_fixture, "logs are asked for by time and number",
                 "[daemon]") {
  const std::string path = "/modules/m/logs?api-version=2022-08-03&";
  CHECK(
    call("GET", path + "tail=5&since=90m&until=1767323040&follow=true").status
    == 200);
  CHECK(call("GET", path + "tail=all").status == 200);
  REQUIRE(runs_them->queries.size() == 2);
  CHECK(runs_them->queries[0].tail == std::size_t{5});
  CHECK(runs_them->queries[0].since == now - 90 * 60'000);
  CHECK(runs_them->queries[0].until == 1'767'323'040'000);
  CHECK(runs_them->queries[0].follow);
  CHECK_FALSE(runs_them->queries[1].tail);
  for (const char* wrong : {"tail=x", "tail=-1", "since=soon",
                            "until=", "follow=yes", "timestamps=1"}) {
    INFO(wrong);
    const auto answer = call("GET", path + wrong);
    CHECK(answer.status == 400);
    CHECK(answer.body.find("invalid parameter: ") != std::string::npos);
  }
  CHECK(runs_them->queries.size() == 2);
}

TEST_CASE_METHOD(daemon_fixture, "tools get a support bundle", "[daemon]") {
  const std::string path
    = "/systeminfo/supportbundle?api-version=2020-07-07&since=1d"
      "&edge_runtime_only=true&iothub_hostname=hub";
  const auto answer = call("GET", path);
  CHECK(answer.status == 200);
  CHECK(answer.content_type == "application/zip");
  CHECK(answer.body == "zip");
  REQUIRE(packed.size() == 1);
  CHECK(packed[0].since == now - 86'400'000);
  CHECK_FALSE(packed[0].until);
  CHECK(packed[0].runtime_only);
  CHECK(call("GET", path + "&until=never").status == 400);
}

TEST_CASE_METHOD(daemon_fixture, "the vectors of the management API hold",
                 "[daemon]") {
  const auto vectors = read_vectors("agent-http.json");
  std::size_t checked = 0;
  for (const auto& entry : vectors.at("cases").as_array()) {
    const auto& one = entry.as_object();
    // This gateway's agent is part of it and calls nobody over a socket.
    if (one.at("api").as_string() != "management"
        || one.at("caller").as_string() == "edgeAgent")
      continue;
    INFO(std::string{one.at("id").as_string()});
    const std::string request{one.at("request").as_string()};
    const auto blank = request.find(' ');
    const auto answer
      = call(request.substr(0, blank), request.substr(blank + 1));
    CHECK(answer.status == one.at("expectStatus").as_int64());
    if (!one.at("expectBody").is_null())
      CHECK(boost::json::parse(answer.body) == one.at("expectBody"));
    ++checked;
  }
  CHECK(checked == 15);
}
