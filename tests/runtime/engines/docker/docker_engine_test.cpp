#include "messages/deployment/registry_auth.hpp"
#include "runtime/engines/docker/docker_engine.hpp"
#include "runtime/engines/docker/fake_engine_api.hpp"
#include "support/temporary_folder.hpp"
#include "support/waiting_sink.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/after.hpp>
#include <caf/scoped_actor.hpp>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

std::string log_text(const log_line& line) {
  return std::to_string(line.time % 60'000'000) + (line.error ? " E " : " O ")
         + line.text + (line.partial ? "..." : "") + '\n';
}

std::string frame(char stream, const std::string& text) {
  std::string all{stream, 0, 0, 0, 0, 0, 0, static_cast<char>(text.size())};
  return all + text;
}

struct docker_fixture {
  temporary_folder folder;
  docker_engine_options options;
  fake_engine_api api{(folder.path() / "docker.sock").string()};
  caf::actor_system_config cfg;
  caf::actor_system sys{cfg};
  caf::scoped_actor self{sys};
  std::unique_ptr<docker_engine> engine;

  docker_fixture() {
    options.socket = (folder.path() / "docker.sock").string();
    options.folder = folder.path() / "docker";
    options.workload = "/run/w";
    options.network = "host";
    api.registry["r.example/m:1"] = {"sha256:aa", {"r.example/m@sha256:bb"}};
    restart_gateway();
  }

  void restart_gateway() {
    engine.reset();
    engine = std::make_unique<docker_engine>(options);
  }

  static module_launch launch(const std::string& name = "m") {
    deployment::module_spec spec;
    spec.name = name;
    spec.image = "r.example/m:1";
    spec.engine = deployment::engine_kind::docker;
    return make_launch(
      spec, {{"TOLD", "yes"}, {"IOTEDGE_GATEWAYHOSTNAME", "gw.local"}});
  }

  template <class Message>
  Message await() {
    std::optional<Message> got;
    self->receive([&](const Message& message) { got = message; },
                  caf::after(10s) >> [] { FAIL("no message came"); });
    return *got;
  }

  template <class Message>
  bool silent(std::chrono::milliseconds time) {
    bool quiet = true;
    self->receive([&](const Message&) { quiet = false; },
                  caf::after(time) >> [] {});
    return quiet;
  }

  std::string prepare(const module_launch& what) {
    engine->prepare(what, self);
    const auto done = await<engine_done>();
    CHECK(done.prepared == what.hash);
    return done.problem;
  }

  std::string create(const module_launch& what) {
    engine->create(what, self);
    const auto done = await<engine_done>();
    CHECK(done.prepared.empty());
    return done.problem;
  }

  void run(const std::string& name = "m") {
    REQUIRE(create(launch(name)).empty());
    engine->start(name);
    REQUIRE(await<module_up>().pid == 4242);
  }

  exit_cause stop(const std::string& name = "m") {
    engine->stop(name, 1500ms);
    return await<module_down>().cause;
  }

  std::vector<module_record> list() {
    engine->list(self);
    return await<engine_modules>().modules;
  }

  std::string log(log_query query) {
    auto sink = std::make_shared<waiting_sink>(log_text);
    engine->logs("m", query, sink);
    return sink->text();
  }

  void instead(const std::string& call, unsigned status,
               const std::string& message) {
    const std::lock_guard guard{api.mutex};
    api.instead.emplace(call, http::error_response(status, message));
  }

  boost::json::object body() {
    const std::lock_guard guard{api.mutex};
    return api.containers.at("m").body;
  }
};

} // namespace

TEST_CASE_METHOD(docker_fixture, "a module runs as a container", "[docker]") {
  auto what = launch();
  what.memo = "remember me";
  REQUIRE(create(what).empty());
  const auto made = body();
  CHECK(made.at("Image") == "r.example/m:1");
  CHECK(made.at("HostConfig").at("Binds").at(0)
        == "/run/w/m:/var/run/iotedge:ro");
  CHECK(made.at("HostConfig").at("NetworkMode") == "host");
  CHECK(made.at("Labels").at("tidegate.launch-hash") == what.hash.c_str());
  engine->start("m");
  const auto up = await<module_up>();
  CHECK(up.image_hash == "sha256:aa");
  CHECK(up.started > 1'700'000'000'000);
  const auto all = list();
  REQUIRE(all.size() == 1);
  CHECK(all.front().hash == what.hash);
  CHECK(all.front().memo == "remember me");
  CHECK(all.front().running);
  CHECK_FALSE(all.front().ended);
  CHECK(stop().kind == exit_kind::stopped);
  CHECK(stop().kind == exit_kind::stopped); // told again, as promised
  engine->remove("m", {});
  CHECK(await<engine_done>().problem.empty());
  CHECK(list().empty());
}

TEST_CASE_METHOD(docker_fixture, "running modules are asked what they use",
                 "[docker]") {
  run();
  REQUIRE(create(launch("n")).empty());
  api.instead.emplace("/containers/m/stats",
                      http::response{200, R"({"pids_stats":{"current":3}})"});
  engine->usage(self);
  const auto used = await<engine_usage>().modules;
  REQUIRE(used.size() == 1);
  CHECK(used.front().name == "m");
  CHECK(used.front().processes == 3);
}

TEST_CASE_METHOD(docker_fixture, "how a container ended is told at once",
                 "[docker]") {
  run();
  SECTION("cleanly") {
    api.ends("m", 0, true); // it outlived a child that was out of memory
    CHECK(await<module_down>().cause.kind == exit_kind::finished);
  }
  SECTION("with an exit code") {
    api.ends("m", 3);
    const auto down = await<module_down>();
    CHECK(to_string(down.cause) == "exit code 3");
    CHECK(down.finished == 1'767'326'400'500);
  }
  SECTION("by a signal") {
    api.ends("m", 139);
    CHECK(to_string(await<module_down>().cause) == "killed by signal 11");
  }
  SECTION("out of memory") {
    api.ends("m", 137, true);
    CHECK(await<module_down>().cause.kind == exit_kind::out_of_memory);
  }
  SECTION("by being removed") {
    {
      const std::lock_guard guard{api.mutex};
      api.containers.clear();
    }
    api.happened("destroy", "m");
    const auto down = await<module_down>();
    CHECK(down.dead);
    CHECK(down.cause.detail == "its container is gone");
  }
  SECTION("before it was started again by somebody else") {
    {
      const std::lock_guard guard{api.mutex};
      api.containers.at("m").life = "2026-01-02T05:00:00Z";
    }
    api.happened("start", "m");
    CHECK(await<module_down>().cause.kind == exit_kind::unknown);
    CHECK(await<module_up>().pid == 4242);
  }
}

TEST_CASE_METHOD(docker_fixture,
                 "what a container's health check says is told when it changes",
                 "[docker]") {
  run();
  const auto says = [&](const char* status) {
    {
      const std::lock_guard guard{api.mutex};
      api.containers.at("m").health = boost::json::parse(
        std::string{R"({"Status":")"} + status
        + R"(","Log":[{"ExitCode":1,"Output":"no answer"}]})");
    }
    api.happened(std::string{"health_status: "} + status, "m");
  };
  says("healthy");
  says("unhealthy");
  const auto ill = await<module_health>();
  CHECK_FALSE(ill.healthy);
  CHECK(ill.detail == "no answer");
  says("healthy");
  CHECK(await<module_health>().healthy);
}

TEST_CASE_METHOD(docker_fixture, "a container that cannot start says why",
                 "[docker]") {
  REQUIRE(create(launch()).empty());
  instead("/start", 400, "exec: no such file");
  engine->start("m");
  const auto down = await<module_down>();
  CHECK(to_string(down.cause) == "could not be started: exec: no such file");
  engine->start("m");
  CHECK(await<module_up>().pid == 4242);
}

TEST_CASE_METHOD(docker_fixture, "images are fetched as the pull policy says",
                 "[docker]") {
  auto what = launch();
  SECTION("with the credential of their registry") {
    what.credential
      = deployment::registry_credential{"", "r.example", "u", "p"};
    CHECK(prepare(what).empty());
    CHECK(api.last_auth == deployment::registry_auth(*what.credential));
    CHECK(create(what).empty());
  }
  SECTION("also when they are there") {
    api.images["r.example/m:1"] = {"sha256:old", {}};
    CHECK(prepare(what).empty());
    CHECK(api.last_auth.empty());
    CHECK(api.images["r.example/m:1"].id == "sha256:aa");
  }
  SECTION("but not when policy says never") {
    what.spec.pull = false;
    CHECK(prepare(what)
          == "r.example/m:1 is not there, and its pull policy is never");
    CHECK(create(what)
          == "r.example/m:1 is not there, and its pull policy is never");
    api.images["r.example/m:1"] = {"sha256:old", {}};
    CHECK(prepare(what).empty());
  }
  SECTION("and a registry that is away does not matter when the image has the "
          "digest that is asked for") {
    what.spec.digest = "sha256:bb";
    CHECK(prepare(what).empty());
    api.registry.clear();
    CHECK(prepare(what).empty());
  }
}

TEST_CASE_METHOD(docker_fixture, "why an image cannot be fetched is told",
                 "[docker]") {
  const auto what = launch();
  SECTION("by the engine") {
    instead("/images/create", 500, "unauthorized: authentication required");
    CHECK(prepare(what)
          == "pulling r.example/m:1: unauthorized: authentication required");
  }
  SECTION("in the middle of a pull, wherever it is cut") {
    api.streams["/images/create"]
      = {"{\"status\":\"Pulling\"}\r\n{\"errorDetail\":{\"message\":"
         "\"no space left on device\"},\"error\":\"x\"}\r\n",
         7};
    CHECK(prepare(what) == "pulling r.example/m:1: no space left on device");
  }
  SECTION("when the engine says nothing sensible") {
    api.streams["/images/create"] = {"{\"status\":1}garbage", 100};
    CHECK(prepare(what) == "r.example/m:1 was pulled and is not there");
  }
  SECTION("when it is another one") {
    auto other = what;
    other.spec.digest = "sha256:cc";
    CHECK(prepare(other)
          == "r.example/m:1 is not sha256:cc, but sha256:aa, "
             "r.example/m@sha256:bb");
    CHECK(create(other).find("is not sha256:cc") != std::string::npos);
    CHECK(list().empty());
  }
}

TEST_CASE_METHOD(docker_fixture, "why a container cannot be made is told",
                 "[docker]") {
  SECTION("by the engine") {
    const auto status = GENERATE(400u, 404u, 500u);
    instead("/containers/create", status, "nonsense");
    CHECK(create(launch()) == "nonsense");
    CHECK(create(launch()).empty());
  }
  SECTION("when somebody else's has its name") {
    api.containers["m"].id = "stranger";
    CHECK(create(launch()) == "Conflict: m is in use");
    engine->remove("m", self);
    CHECK(await<engine_done>().problem.empty());
    CHECK(api.containers.contains("m"));
  }
  SECTION("but not when an earlier answer was lost") {
    REQUIRE(create(launch()).empty());
    CHECK(create(launch()).empty());
    auto other = launch();
    other.hash = "other";
    CHECK(create(other) == "Conflict: m is in use");
  }
}

TEST_CASE_METHOD(docker_fixture, "modules share a network of their own",
                 "[docker]") {
  options.network = "edge";
  restart_gateway();
  REQUIRE(create(launch()).empty());
  CHECK(api.networks.contains("edge"));
  CHECK(body().at("NetworkingConfig").at("EndpointsConfig")
        == boost::json::parse(R"({"edge":{}})"));
  CHECK(body().at("HostConfig").at("ExtraHosts").at(0)
        == "gw.local:172.18.0.1");
  instead("/networks/edge", 500, "no networks today");
  CHECK(create(launch("n")) == "the network edge: no networks today");
}

TEST_CASE_METHOD(docker_fixture, "containers outlive the gateway", "[docker]") {
  run();
  restart_record record;
  record.attempts = 2;
  record.restarts = 5;
  record.proven = true;
  engine->remember("m", record);
  list(); // by now it is written
  SECTION("and are found running") {
    restart_gateway();
    const auto all = list();
    REQUIRE(all.size() == 1);
    CHECK(all.front().restarts == record);
    engine->adopt("m", self);
    CHECK(await<module_up>().pid == 4242);
    api.ends("m", 1);
    CHECK(await<module_down>().cause.code == 1);
  }
  SECTION("or stopped by it") {
    stop();
    restart_gateway();
    engine->adopt("m", self);
    CHECK(await<module_down>().cause.kind == exit_kind::stopped);
  }
  SECTION("or ended meanwhile") {
    engine.reset();
    api.ends("m", 7);
    restart_gateway();
    engine->adopt("m", self);
    CHECK(await<module_down>().cause.code == 7);
  }
  SECTION("or gone") {
    engine.reset();
    api.containers.clear();
    restart_gateway();
    engine->adopt("m", self);
    CHECK(await<module_down>().dead);
  }
}

TEST_CASE_METHOD(docker_fixture, "an engine that is away is waited for",
                 "[docker]") {
  run();
  api.close();
  SECTION("by calls") {
    engine->stop("m", 1s);
    CHECK(silent<module_down>(300ms));
    api.open();
    CHECK(await<module_down>().cause.kind == exit_kind::stopped);
  }
  SECTION("to hear what became of containers") {
    api.ends("m", 9);
    api.open();
    CHECK(await<module_down>().cause.code == 9);
  }
  SECTION("but not to fetch an image: that is tried again by who asked") {
    CHECK(prepare(launch("n")).find("can not connect") != std::string::npos);
    api.open();
    CHECK(prepare(launch("n")).empty());
  }
}

TEST_CASE_METHOD(docker_fixture,
                 "an engine is spoken to in a version that it knows",
                 "[docker]") {
  SECTION("an older one") {
    api.api_version = "1.40";
    restart_gateway(); // it may have asked for the version already
    CHECK(prepare(launch()).empty());
    CHECK(api.was_asked("POST /v1.40/images/create"));
  }
  SECTION("none that is too old") {
    api.api_version = "1.39";
    restart_gateway();
    CHECK(prepare(launch()).find("must know 1.40") != std::string::npos);
  }
  SECTION("one that has forgotten ours") {
    api.api_version = api.least_api_version = "1.44";
    restart_gateway();
    CHECK(prepare(launch()).empty());
    CHECK(api.was_asked("POST /v1.44/images/create"));
  }
}

TEST_CASE_METHOD(docker_fixture, "a container has its time to end",
                 "[docker]") {
  run();
  SECTION("in whole seconds") {
    stop();
    CHECK(api.was_asked("POST /v1.41/containers/m/stop?t=2"));
  }
  SECTION("of its own") {
    api.containers.at("m").stop_timeout = 7;
    stop();
    CHECK(api.was_asked("POST /v1.41/containers/m/stop?t=7"));
  }
}

TEST_CASE_METHOD(docker_fixture, "a removal is told once it is done",
                 "[docker]") {
  REQUIRE(create(launch()).empty());
  SECTION("when it was under way already") {
    instead("DELETE /v1.41/containers", 409, "already in progress");
    engine->remove("m", self);
    CHECK(await<engine_done>().problem.empty());
    CHECK(list().empty());
  }
  SECTION("or why it cannot be done") {
    instead("DELETE /v1.41/containers", 500, "device is busy");
    engine->remove("m", self);
    CHECK(await<engine_done>().problem == "device is busy");
    CHECK(list().size() == 1);
  }
  SECTION("also of what is not there") {
    engine->remove("other", self);
    CHECK(await<engine_done>().problem.empty());
  }
}

TEST_CASE_METHOD(docker_fixture, "a container's log is read", "[docker]") {
  REQUIRE(create(launch()).empty());
  const auto two = frame(1, "2026-01-02T03:04:05.000001234Z one\n")
                   + frame(2, "2026-01-02T03:04:06.500000000Z two\n")
                   + frame(1, "2026-01-02T03:04:07.000000000Z a piece");
  SECTION("wherever it is cut") {
    const auto size = GENERATE(1u, 3u, 8u, 50u, 1000u);
    api.streams["/logs"] = {two, size};
    CHECK(log({}) == "5000001 O one\n6500000 E two\n7000000 O a piece...\n");
  }
  SECTION("in part") {
    api.streams["/logs"] = {two, 1000};
    log_query query;
    query.until = 1'767'323'047'000; // 03:04:07
    query.tail = 1;
    CHECK(log(query) == "6500000 E two\n");
  }
  SECTION("until the engine says that it cannot be") {
    api.streams["/logs"] = {
      frame(1, "2026-01-02T03:04:05Z one\n") + frame(3, "it is damaged"), 1000};
    CHECK(log({}) == "5000000 O one\nthe engine says: it is damaged");
    api.streams["/logs"] = {"this is no log at all", 1000};
    CHECK(log({}) == "the engine's answer is not a log");
  }
  SECTION("or not: there is none") {
    api.containers.clear();
    CHECK(log({}) == "there is no such module");
  }
}

TEST_CASE_METHOD(docker_fixture, "a command can be run in a container",
                 "[docker]") {
  run();
  api.instead.emplace("/containers/m/exec",
                      http::response{201, R"({"Id":"e"})"});
  api.streams["/exec/e/start"] = {frame(2, "not well\n"), 5};
  api.instead.emplace("/exec/e/json", http::response{200, R"({"ExitCode":4})"});
  engine->probe("m", {"/check"}, 5s, self);
  const auto done = await<probe_done>();
  CHECK_FALSE(done.healthy);
  CHECK(done.detail == "exit code 4: not well");
  engine->probe("m", {"/check"}, 5s, self);
  CHECK(await<probe_done>().detail == "page not found");
}
