#include "actors/deployment/agent_methods.hpp"
#include "actors/deployment/deployment_messages.hpp"

#include "actors/clients/client_messages.hpp"
#include "actors/modules/module_messages.hpp"
#include "actors/supervision/supervisor_messages.hpp"
#include "messages/ec.hpp"
#include "messages/iothub/base64.hpp"
#include "support/deterministic.hpp"
#include "support/fake_engine.hpp"
#include "support/node_context.hpp"
#include "support/unpack.hpp"
#include "support/vectors.hpp"

#include <boost/json.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <catch2/catch.hpp>
#include <prometheus/text_serializer.h>

using namespace tidegate;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

using calls_and_news = methods_actor::extend<caf::reacts_to<clients_changed>>;

/// An engine whose modules have written something.
struct writing_engine : fake_engine {
  std::map<std::string, std::vector<log_line>> written;
  std::vector<log_query> queries;

  void logs(std::string name, log_query query,
            std::shared_ptr<log_sink> sink) override {
    queries.push_back(query);
    if (!written.contains(name))
      return sink->end("there is no such log");
    auto lines = written.at(name);
    if (query.tail && lines.size() > *query.tail)
      lines.erase(lines.begin(),
                  lines.end() - static_cast<std::ptrdiff_t>(*query.tail));
    sink->lines(lines);
    sink->end({});
  }
};

/// A blob store that answers as it is told, last answer for ever.
struct fake_blobs : blob_client {
  std::vector<blob_request> put_requests;
  std::vector<unsigned> statuses{201};

  void put(blob_request what, std::uint64_t ticket, caf::actor asker) override {
    put_requests.push_back(std::move(what));
    const auto status = statuses.front();
    if (statuses.size() > 1)
      statuses.erase(statuses.begin());
    caf::anon_send(asker,
                   blob_answered{ticket, status, status ? "" : "gone away"});
  }
};

struct agent : deterministic {
  std::shared_ptr<metrics> meters = make_metrics();
  std::shared_ptr<writing_engine> runs = std::make_shared<writing_engine>();
  std::shared_ptr<fake_blobs> blobs = std::make_shared<fake_blobs>();
  std::vector<std::string> modules{"edgeAgent", "edgeHub", "tempSensor"};
  std::vector<std::string> restarted;
  std::vector<method_response> answers;
  calls_and_news methods_here = spawn_methods();
  caf::actor modules_here = spawn_modules();
  caf::actor supervisor_here = spawn_supervisor();
  caf::actor subject = sys.spawn(agent_methods, context());

  agent() {
    runs->written["edgeAgent"] = {};
    runs->written["edgeHub"] = {{1, false, false, "<6> quiet"}};
    runs->written["tempSensor"]
      = {{1'767'323'045'000'000, false, false, "<3> too hot"},
         {1'767'323'046'000'000, true, true, "<6> 20 "},
         {1'767'323'046'000'001, true, false, "degrees"}};
    run();
  }
  ~agent() {
    for (const auto& one : {subject, caf::actor_cast<caf::actor>(methods_here),
                            modules_here, supervisor_here})
      caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
    run();
  }

  agent_methods_context context() {
    agent_methods_context made;
    made.own = {"edge-1", "$edgeAgent"};
    made.methods = methods_here;
    made.supervisor = supervisor_here.address();
    made.engine = runs;
    made.blobs = blobs;
    made.hub = "hub.local";
    made.parent_host = "parent.local";
    made.now = [] { return wall_time{1'767'323'045'678ms}; };
    made.meters = meters;
    made.seed = 7;
    return made;
  }

  calls_and_news spawn_methods() {
    return sys.spawn(
      [this](calls_and_news::pointer) -> calls_and_news::behavior_type {
        return {
          [](const invoke_method&) { return method_outcome{}; },
          [this](const method_response& answer) { answers.push_back(answer); },
          [](const abandon_call&) {},
          [](const clients_changed& news) {
            CHECK(news.now.front().wants.methods);
          },
        };
      });
  }

  caf::actor spawn_modules() {
    return sys.spawn([this](caf::event_based_actor*) {
      return caf::behavior{
        [this](get_modules) {
          std::vector<module_status> all(modules.size());
          for (std::size_t i = 0; i < modules.size(); ++i)
            all[i].name = modules[i];
          return all;
        },
        [this](const restart_module& wish) -> caf::result<module_status> {
          if (std::find(modules.begin(), modules.end(), wish.name)
              == modules.end())
            return caf::make_error(ec::not_found, "no module");
          restarted.push_back(wish.name);
          return module_status{};
        },
      };
    });
  }

  caf::actor spawn_supervisor() {
    return sys.spawn([this](caf::event_based_actor*) {
      return caf::behavior{
        [this](const get_child&) { return child_handle{modules_here}; },
      };
    });
  }

  /// Calls a method; its status and body.
  std::pair<int, json::value> call(const std::string& name,
                                   const std::string& payload) {
    const auto before = answers.size();
    caf::anon_send(subject, method_request{{"edge-1", "$edgeAgent"},
                                           "rid",
                                           name,
                                           own(std::string{payload})});
    run();
    REQUIRE(answers.size() == before + 1);
    const auto& answer = answers.back();
    CHECK(answer.by == identity_id{"edge-1", "$edgeAgent"});
    CHECK(answer.rid == "rid");
    return {answer.status, answer.payload.view.empty()
                             ? json::value{}
                             : json::parse(answer.payload.view)};
  }

  json::value task(const json::value& of) {
    return call("GetTaskStatus", json::serialize(json::object{
                                   {"schemaVersion", "1.0"},
                                   {"correlationId", of.at("correlationId")}}))
      .second;
  }
};

std::string logs(const std::string& members) {
  return R"({"schemaVersion":"1.0",)" + members + '}';
}

} // namespace

TEST_CASE_METHOD(agent, "the agent's methods answer as the vectors say",
                 "[deployment]") {
  runs->written["tempSensor"].assign(
    2, {0, false, false, std::string(100'000, 'x')});
  const auto vectors = read_vectors("agent-methods-logs.json");
  for (const auto& item : vectors.at("cases").as_array()) {
    const auto& entry = item.as_object();
    if (entry.at("op") != "directMethod")
      continue;
    INFO(text_or_empty(entry, "id"));
    const auto [status, body]
      = call(text_or_empty(entry, "method"), text_or_empty(entry, "payload"));
    CHECK(status == entry.at("expectStatus").to_number<int>());
    if (entry.at("expectBody").is_object()
        && entry.at("id") != "method-unknown")
      CHECK(body == entry.at("expectBody"));
  }
  CHECK(restarted == std::vector<std::string>{"tempSensor", "tempSensor"});
  const auto text
    = prometheus::TextSerializer{}.Serialize(meters->registry()->Collect());
  CHECK(text.find("edgeagent_direct_method_invocations_count{method_name="
                  "\"ping\"} 2\n")
        != std::string::npos);
  CHECK(text.find("edgeagent_direct_method_invocations_count{method_name="
                  "\"other\"} 1\n")
        != std::string::npos);
}

TEST_CASE_METHOD(agent, "the agent tells what modules have written",
                 "[deployment]") {
  SECTION("as it is, lines that were too long put together again") {
    const auto [status, body]
      = call("GetModuleLogs", logs(R"("items":{"id":"temp"})"));
    CHECK(status == 200);
    CHECK(body == json::parse(R"([{"id":"tempSensor",
      "payload":"<3> too hot\n<6> 20 degrees\n","payloadBytes":null}])"));
  }
  SECTION("filtered") {
    const auto [status, body] = call(
      "GetModuleLogs", logs(R"("items":[{"id":"all","filter":{"loglevel":3,
        "tail":9,"since":"1h"}}],"contentType":"json")"));
    REQUIRE(body.as_array().size() == 3);
    CHECK(json::parse(body.at(2).at("payload").as_string())
          == json::parse(R"([{"iothub":"hub.local","device":"edge-1",
            "id":"tempSensor","stream":"stdout","loglevel":3,
            "text":"too hot","timestamp":"2026-01-02T03:04:05.000000Z"}])"));
    CHECK(runs->queries.front().tail == 9U);
    CHECK(runs->queries.front().since == 1'767'323'045'678 - 3'600'000);
  }
  SECTION("compressed") {
    const auto [status, body] = call(
      "GetModuleLogs", logs(R"("items":{"id":"edgeHub"},"encoding":"gzip")"));
    const auto packed = base64_decode(
      std::string_view{body.at(0).at("payloadBytes").as_string()});
    REQUIRE(packed);
    CHECK(unpack(*packed).begin()->second == "<6> quiet\n");
    CHECK(body.at(0).at("payload").is_null());
  }
  SECTION("or why not") {
    runs->written.erase("edgeHub");
    const auto [status, body]
      = call("GetModuleLogs", logs(R"("items":{"id":"edgeHub"})"));
    CHECK(status == 500);
    CHECK(body.at("message") == "edgeHub: there is no such log");
  }
}

TEST_CASE_METHOD(agent, "the agent uploads logs", "[deployment]") {
  const auto wish = logs(
    R"("items":{"id":"temp"},"sasUrl":"https://$upstream:443/logs?sig=s")");
  SECTION("line by line") {
    const auto [status, body] = call("UploadModuleLogs", wish);
    CHECK(status == 200);
    CHECK(body.at("status") == "Running");
    CHECK(task(body).at("status") == "Completed");
    REQUIRE(blobs->put_requests.size() == 2);
    const std::string at = "https://parent.local:443/logs/hub.local/edge-1/"
                           "tempSensor-2026-01-02--03-04-05.log?sig=s";
    CHECK(blobs->put_requests[0].url == at);
    CHECK(blobs->put_requests[1].url == at + "&comp=appendblock");
    CHECK(blobs->put_requests[1].body.view == "<3> too hot\n<6> 20 degrees\n");
  }
  SECTION("after some attempts") {
    blobs->statuses = {0, 503, 201, 0, 412};
    const auto body = call("UploadModuleLogs", wish).second;
    pass(5s);
    CHECK(task(body).at("status") == "Running");
    pass(20s);
    pass(5s);
    CHECK(task(body).at("status") == "Completed");
    CHECK(blobs->put_requests.size() == 5);
  }
  SECTION("or says why not") {
    blobs->statuses = {403};
    const auto body = call("UploadModuleLogs", wish).second;
    const auto ended = task(body);
    CHECK(ended.at("status") == "Failed");
    CHECK(ended.at("message")
          == "Task upload logs failed because of error the blob store answered "
             "with 403");
  }
  SECTION("or gives up") {
    blobs->statuses = {0};
    const auto body = call("UploadModuleLogs", wish).second;
    pass(5s);
    pass(20s);
    CHECK(task(body).at("message")
          == "Task upload logs failed because of error gone away");
    CHECK(blobs->put_requests.size() == 3);
  }
  SECTION("of no module") {
    const auto body
      = call("UploadModuleLogs",
             logs(R"("items":{"id":"nope"},"sasUrl":"https://x")"))
          .second;
    CHECK(task(body).at("status") == "Failed");
  }
}

TEST_CASE_METHOD(agent, "the agent uploads a support bundle", "[deployment]") {
  const auto body
    = call("UploadSupportBundle", logs(R"("sasUrl":"https://x/c?sig=s")"))
        .second;
  CHECK(task(body).at("status") == "Completed");
  REQUIRE(blobs->put_requests.size() == 1);
  CHECK(blobs->put_requests[0].url
        == "https://x/c/hub.local/edge-1/"
           "support-bundle-2026-01-02--03-04-05.zip?sig=s");
  const auto files = unpack(blobs->put_requests[0].body.view);
  CHECK(files.at("logs/tempSensor_log.txt") == "<3> too hot\n<6> 20 degrees\n");
  CHECK(json::parse(files.at("inspect/tempSensor.json")).at("name")
        == "tempSensor");
  CHECK(files.contains("inspect/edgeAgent.json"));
}

TEST_CASE_METHOD(agent, "an operator gets a support bundle", "[deployment]") {
  const auto whole = ask<support_bundle>(subject, make_support_bundle{});
  REQUIRE(whole);
  CHECK(unpack(whole->zip).contains("logs/tempSensor_log.txt"));
  const auto runtime
    = ask<support_bundle>(subject, make_support_bundle{.runtime_only = true});
  REQUIRE(runtime);
  CHECK_FALSE(unpack(runtime->zip).contains("logs/tempSensor_log.txt"));
}
