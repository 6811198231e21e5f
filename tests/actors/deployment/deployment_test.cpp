#include "actors/deployment/deployment.hpp"

#include "actors/clients/client_messages.hpp"
#include "actors/modules/module_messages.hpp"
#include "actors/supervision/supervisor_messages.hpp"
#include "messages/ec.hpp"
#include "messages/twin/merge.hpp"
#include "support/deterministic.hpp"
#include "support/temporary_folder.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <prometheus/text_serializer.h>

using namespace tidegate;
using namespace std::chrono_literals;
namespace json = boost::json;

namespace {

using twins_and_news = twins_actor::extend<caf::reacts_to<clients_changed>>;

json::object manifest_of(const char* image) {
  return json::parse(std::string{R"({
    "schemaVersion": "1.1", "runtime": {"type": "process"},
    "systemModules": {}, "modules": {"m": {"type": "process",
      "status": "running", "settings": {"image": ")"}
                     + image + R"("}}}})")
    .as_object();
}

/// A node with one twin, and modules that do what they are told.
struct agent_node : deterministic {
  json::object desired;
  json::object reported;
  bool twin_fails = false;
  std::size_t reports = 0;
  std::vector<std::string> ordered; ///< the images of `m`
  std::vector<std::string> problems;
  bool waiting = false;
  bool modules_fail = false;
  runtime_status how = runtime_status::running;
  std::string description;

  temporary_folder folder;
  seal_ptr key = std::make_shared<const seal>(std::string(32, 'k'));
  std::filesystem::path backup_file = folder.path() / "deployment.sealed";
  std::shared_ptr<prometheus::Registry> registry
    = std::make_shared<prometheus::Registry>();
  deployment_context with;
  twins_and_news twins_here = spawn_twins();
  caf::actor modules_here = spawn_modules();
  caf::actor supervisor_here = spawn_supervisor();
  caf::actor subject;

  agent_node() {
    with.own = {"edge-1", "$edgeAgent"};
    with.twins = twins_here;
    with.supervisor = supervisor_here.address();
    with.board = std::make_shared<deployment_board>();
    with.backup = std::make_shared<deployment_backup>(backup_file, key);
    with.checkpoint
      = std::make_shared<const availability_checkpoint>(folder.path());
    with.version = "1.2.3";
    with.platform = {"Linux", "x86_64"};
    with.now = [] { return wall_time{1'000'000ms}; };
    with.meters = std::make_shared<metrics>(
      registry, prometheus::Labels{{"edge_device", "edge-1"}});
  }

  ~agent_node() {
    for (const auto& one : {subject, caf::actor_cast<caf::actor>(twins_here),
                            modules_here, supervisor_here})
      if (one)
        caf::anon_send_exit(one, caf::exit_reason::kill);
    run();
  }

  void start() {
    subject = sys.spawn(deployment_actor, with);
    run();
  }

  twins_and_news spawn_twins() {
    return sys.spawn(
      [this](twins_and_news::pointer) -> twins_and_news::behavior_type {
        return {
          [this](const get_twin&) -> caf::result<twin_text> {
            if (twin_fails)
              return ec::unavailable;
            return twin_text{
              std::make_shared<const std::string>(json::serialize(
                json::object{{"desired", desired}, {"reported", reported}}))};
          },
          [this](
            const report_properties& wish) -> caf::result<properties_reported> {
            if (twin_fails)
              return ec::unavailable;
            ++reports;
            reported = twin::merge(std::move(reported),
                                   json::parse(wish.patch.view).as_object(),
                                   twin::nulls::remove);
            return properties_reported{};
          },
          [](const clients_changed& news) {
            CHECK(news.now.front().wants.desired);
          },
        };
      });
  }

  caf::actor spawn_modules() {
    return sys.spawn([this](caf::event_based_actor*) {
      return caf::behavior{
        [this](const apply_manifest& wish) -> caf::result<manifest_applied> {
          if (modules_fail)
            return ec::unavailable;
          ordered.push_back(wish.manifest->modules.front().image);
          return manifest_applied{problems, waiting};
        },
        [this](get_modules) -> caf::result<std::vector<module_status>> {
          if (modules_fail)
            return ec::unavailable;
          if (ordered.empty())
            return std::vector<module_status>{};
          module_status one;
          one.name = "m";
          one.image = ordered.back();
          one.status = how;
          one.description = description;
          return std::vector<module_status>{one};
        },
      };
    });
  }

  caf::actor spawn_supervisor() {
    return sys.spawn([this](caf::event_based_actor*) {
      return caf::behavior{
        [this](const get_child& wish) {
          CHECK(wish.name == "modules");
          return child_handle{modules_here};
        },
      };
    });
  }

  /// The hub wants this from now on.
  void want(json::object content, int version) {
    desired = std::move(content);
    desired["$version"] = version;
    caf::anon_send(subject, desired_changed{with.own, version, nullptr});
    run();
  }

  /// Modules are ordered again at the first look after one that saw a change.
  void look_twice() {
    pass(5s);
    pass(5s);
  }

  json::value at(const char* path) const {
    return json::value(reported).at_pointer(path);
  }
  json::value code() const { return at("/lastDesiredStatus/code"); }

  std::string metrics_text() const {
    return prometheus::TextSerializer{}.Serialize(registry->Collect());
  }
};

using applied = std::vector<std::string>;

} // namespace

TEST_CASE_METHOD(agent_node, "an agent runs what its twin wants",
                 "[deployment]") {
  desired = manifest_of("one");
  desired["$version"] = 5;
  start();
  CHECK(ordered == applied{"one"});
  CHECK(code() == 200);
  CHECK(at("/lastDesiredVersion") == 5);
  CHECK(at("/modules/m/runtimeStatus") == "running");
  CHECK(at("/modules/m/settings/image") == "one");
  SECTION("and keeps it for the next start") {
    const auto kept = deployment_backup{backup_file, key}.load();
    REQUIRE(kept);
    CHECK(kept->version == 5);
    CHECK(kept->deployment == manifest_of("one"));
  }
  SECTION("and what it wants next") {
    want(manifest_of("two"), 6);
    CHECK(ordered == applied{"one", "two"});
    CHECK(at("/lastDesiredVersion") == 6);
    CHECK(at("/modules/m/settings/image") == "two");
  }
  SECTION("once, however often it hears of it") {
    const auto before = reports;
    pass(std::chrono::hours{2});
    want(manifest_of("one"), 5);
    CHECK(ordered.size() == 1);
    CHECK(reports == before);
  }
  SECTION("and says how its modules are when that changes") {
    how = runtime_status::backoff;
    pass(5s);
    CHECK(at("/modules/m/runtimeStatus") == "backoff");
  }
  SECTION("and says which modules are gone") {
    auto none = manifest_of("one");
    none["modules"] = json::object{};
    none["modules"].as_object()["n"]
      = manifest_of("two")["modules"].as_object()["m"];
    want(none, 6);
    CHECK_FALSE(at("/modules").as_object().contains("m"));
    CHECK(at("/systemModules/edgeHub/runtimeStatus") == "running");
    CHECK(at("/systemModules/edgeAgent/runtimeStatus") == "running");
  }
  SECTION("and counts what it asks and tells") {
    twin_fails = true;
    how = runtime_status::stopped;
    pass(5s);
    CHECK(metrics_text().find("edgeAgent_unsuccessful_iothub_syncs_total{edge_"
                              "device=\"edge-1\",ms_telemetry=\"True\"} 1\n")
          != std::string::npos);
    CHECK(metrics_text().find("edgeAgent_deployment_time_seconds_count{edge_"
                              "device=\"edge-1\",ms_telemetry=\"True\"} 1\n")
          != std::string::npos);
    twin_fails = false;
    pass(5s);
    CHECK(at("/modules/m/runtimeStatus") == "stopped");
  }
}

TEST_CASE_METHOD(agent_node, "what is wrong is reported and changes nothing",
                 "[deployment]") {
  desired = manifest_of("one");
  desired["$version"] = 5;
  start();
  const auto refused = [this](json::object wrong, int with_code) {
    want(std::move(wrong), 6);
    CHECK(ordered == applied{"one"});
    CHECK(code() == with_code);
    CHECK(at("/lastDesiredVersion") == 6);
    CHECK(at("/modules/m/runtimeStatus") == "running");
    CHECK(deployment_backup{backup_file, key}.load()->version == 5);
    how = runtime_status::backoff; // it is still looked after
    pass(5s);
    CHECK(at("/modules/m/runtimeStatus") == "backoff");
    CHECK(code() == with_code);
  };
  auto wrong = manifest_of("two");
  SECTION("a missing member") {
    wrong["modules"].as_object()["m"].as_object().erase("status");
    refused(wrong, 400);
    CHECK(at("/lastDesiredStatus/description")
          == "the deployment is not valid: modules.m.status: is missing");
  }
  SECTION("a schema that is not known") {
    wrong["schemaVersion"] = "1.2";
    refused(wrong, 412);
  }
  SECTION("nothing at all") { refused({}, 417); }
}

TEST_CASE_METHOD(agent_node, "an agent starts with what was good last",
                 "[deployment]") {
  auto read = deployment::read_agent_desired(manifest_of("kept"), {});
  with.board->publish(
    {std::make_shared<const deployment::manifest>(read.value), 4});
  SECTION("before it has heard of the twin") {
    twin_fails = true;
    start();
    CHECK(ordered == applied{"kept"});
    twin_fails = false;
    pass(30s);
    CHECK(at("/lastDesiredVersion") == 4);
    CHECK(code() == 200);
  }
  SECTION("and goes on with it while the twin has nothing to say") {
    start();
    CHECK(ordered == applied{"kept"});
    CHECK(at("/lastDesiredVersion") == 4);
  }
  SECTION("until the twin says something else") {
    desired = manifest_of("new");
    desired["$version"] = 9;
    start();
    CHECK(ordered.back() == "new");
    CHECK(with.board->current().version == 9);
    CHECK(at("/lastDesiredVersion") == 9);
  }
}

TEST_CASE_METHOD(agent_node, "modules that cannot be as wanted are tried again",
                 "[deployment]") {
  desired = manifest_of("one");
  desired["$version"] = 5;
  problems = {"m: no such program"};
  start();
  CHECK(code() == 500);
  CHECK(at("/lastDesiredStatus/description") == "m: no such program");
  CHECK(at("/lastDesiredVersion") == 5);
  SECTION("and the code stays while they wait") {
    problems.clear();
    waiting = true;
    how = runtime_status::backoff;
    look_twice();
    CHECK(code() == 500);
    waiting = false;
    how = runtime_status::running;
    look_twice();
    CHECK(code() == 200);
    const auto before = ordered.size();
    look_twice();
    CHECK(ordered.size() == before);
  }
  SECTION("and told of when they take something back later") {
    problems.clear();
    how = runtime_status::backoff;
    look_twice();
    CHECK(code() == 200);
    problems = {"m: rolled back"};
    description = "rolled back";
    look_twice();
    CHECK(code() == 500);
    CHECK(at("/modules/m/statusDescription") == "rolled back");
  }
  SECTION("when nobody knows what came of the first time") {
    modules_fail = true;
    want(manifest_of("two"), 6);
    modules_fail = false;
    problems.clear();
    pass(5s);
    CHECK(ordered.back() == "two");
    CHECK(code() == 200);
  }
}

TEST_CASE_METHOD(agent_node,
                 "when nothing is known of modules the last known "
                 "ones are reported as unknown",
                 "[deployment]") {
  desired = manifest_of("one");
  desired["$version"] = 5;
  start();
  modules_fail = true;
  pass(5s);
  CHECK(at("/modules/m/runtimeStatus") == "unknown");
  CHECK(code() == 200);
  modules_fail = false;
  pass(5s);
  CHECK(at("/modules/m/runtimeStatus") == "running");
}

TEST_CASE_METHOD(agent_node, "an agent that ends says so", "[deployment]") {
  desired = manifest_of("one");
  desired["$version"] = 5;
  start();
  caf::anon_send_exit(subject, caf::exit_reason::user_shutdown);
  pass(0s);
  CHECK(code() == 406);
  CHECK(at("/lastDesiredStatus/description") == "Agent is not running");
  CHECK(at("/modules/m/runtimeStatus") == "unknown");
  SECTION("and is there again after a start") {
    subject = nullptr;
    start();
    CHECK(code() == 200);
    CHECK(at("/modules/m/runtimeStatus") == "running");
  }
}

TEST_CASE_METHOD(agent_node, "an agent counts for how long modules run",
                 "[deployment]") {
  const availability_checkpoint checkpoint{folder.path()};
  checkpoint.save(with.now() - 60s);
  desired = manifest_of("one");
  desired["$version"] = 5;
  start();
  pass(5s);
  how = runtime_status::backoff;
  pass(5s);
  const auto figure = [this](const char* name, const char* module) {
    const auto text = metrics_text();
    const auto line = std::string{name}
                      + "{edge_device=\"edge-1\",module_name=\"" + module
                      + "\",ms_telemetry=\"True\"} ";
    const auto at = text.find(line);
    REQUIRE(at != std::string::npos);
    return std::stod(text.substr(at + line.size()));
  };
  CHECK(figure("edgeAgent_total_time_expected_running_seconds", "m") == 10);
  CHECK(figure("edgeAgent_total_time_running_correctly_seconds", "m") == 5);
  CHECK(figure("edgeAgent_total_time_expected_running_seconds", "edgeAgent")
        == 70);
  CHECK(checkpoint.load() == with.now());
  caf::anon_send_exit(subject, caf::exit_reason::user_shutdown);
  run();
  CHECK_FALSE(checkpoint.load());
}

TEST_CASE_METHOD(agent_node, "a node can be its own source", "[deployment]") {
  std::string file = json::serialize(manifest_of("mine"));
  std::string replaced;
  with.local.emplace();
  with.local->read = [&]() -> caf::expected<std::string> { return file; };
  with.local->replace = [&](const std::string& text) {
    replaced = text;
    return caf::error{};
  };
  desired = manifest_of("theirs");
  desired["$version"] = 5;
  start();
  CHECK(ordered.back() == "mine");
  CHECK(code() == 200);
  SECTION("whatever the twin says") {
    want(manifest_of("theirs"), 6);
    CHECK(ordered.back() == "mine");
  }
  SECTION("which is read again") {
    file = json::serialize(manifest_of("changed"));
    caf::anon_send(subject, reload_deployment{});
    run();
    CHECK(ordered.back() == "changed");
    SECTION("and refused when it is wrong") {
      file = "{";
      caf::anon_send(subject, reload_deployment{});
      run();
      CHECK(ordered.back() == "changed");
      CHECK(code() == 400);
    }
  }
  SECTION("which an operator replaces") {
    const auto text = json::serialize(manifest_of("applied"));
    const auto good = ask<deployment_judged>(subject, apply_deployment{text});
    REQUIRE(good);
    CHECK(good->errors.empty());
    CHECK(replaced == text);
    CHECK(ordered.back() == "applied");
    SECTION("unless that is wrong") {
      const auto bad = ask<deployment_judged>(subject, apply_deployment{"{}"});
      REQUIRE(bad);
      CHECK(bad->errors.size() == 1);
      CHECK(replaced == text);
      CHECK(code() == 200);
    }
  }
}

TEST_CASE_METHOD(agent_node, "an operator is told where deployments come from",
                 "[deployment]") {
  desired = manifest_of("one");
  desired["$version"] = 5;
  start();
  const auto refused = ask<deployment_judged>(subject, apply_deployment{"{}"});
  CHECK(refused.error() == ec::refused);
  const auto shown = ask<deployment_document>(subject, get_deployment{});
  REQUIRE(shown);
  CHECK(shown->value.at("source") == "twin");
  CHECK(shown->value.at("status").at("code") == 200);
  CHECK(shown->value.at("reported").at("modules").as_object().contains("m"));
}
