#include "actors/modules/module.hpp"
#include "support/deterministic.hpp"
#include "support/fake_engine.hpp"

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <catch2/catch.hpp>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

using strings = std::vector<std::string>;

struct fixture : deterministic {
  std::shared_ptr<fake_engine> engine = std::make_shared<fake_engine>();
  std::shared_ptr<fake_host> host = std::make_shared<fake_host>();
  bool connected = true;
  std::vector<module_changed> news;
  std::shared_ptr<metrics> meters = std::make_shared<metrics>(
    std::make_shared<prometheus::Registry>(), prometheus::Labels{});
  caf::actor agent
    = sys.spawn([this](caf::event_based_actor*) -> caf::behavior {
        return {[this](const module_changed& one) { news.push_back(one); }};
      });
  client_registry_actor clients = sys.spawn([this]() {
    return client_registry_actor::behavior_type{
      [](const client_join&) { return client_joined{}; },
      [](const client_leave&) {},
      [](const disconnect_client&) {},
      [](get_clients) { return std::vector<client_info>{}; },
      [](const client_subscribed&) {},
      [](const watch_clients&) {},
      [](const verify_clients&) {},
      [this](const is_connected&) { return connected; },
    };
  });
  deployment::module_spec spec;
  caf::actor module;

  fixture() {
    spec.name = "m";
    spec.hash = "spec";
    spec.restart = restart_when::on_unhealthy;
  }

  ~fixture() {
    if (module)
      self->send_exit(module, caf::exit_reason::kill);
    module = nullptr;
    self->send_exit(agent, caf::exit_reason::kill);
    self->send_exit(clients, caf::exit_reason::kill);
    run();
  }

  module_context context() {
    module_context made;
    made.engine = engine;
    made.host = host;
    made.clients = clients;
    made.device = "gw1";
    made.meters = meters;
    made.now = [this] { return engine->now; };
    return made;
  }

  void begin(std::optional<module_record> found = {}) {
    module = sys.spawn(module_actor, context(), want_module{spec, {}, true},
                       found, agent);
    run();
  }

  /// The deployment wants the module run, or not.
  void wish(bool running) {
    spec.running = running;
    tell(want_module{spec, {}, true});
  }

  /// The deployment wants it made from another specification.
  void update(bool fresh = true) {
    engine->asked.clear();
    spec.hash = "other";
    spec.version = "2";
    tell(want_module{spec, {}, fresh});
  }

  void crash(exit_cause cause = {exit_kind::failed, 3, ""}) {
    engine->ended("m", std::move(cause));
    run();
  }

  void tell(auto message) {
    caf::anon_send(module, message);
    run();
  }

  const module_status& status() const { return news.back().status; }

  std::size_t times(const std::string& what) const {
    return static_cast<std::size_t>(
      std::count(engine->asked.begin(), engine->asked.end(), what));
  }

  /// The record that an engine has of a module after one life of `begin`.
  module_record survivor() {
    begin();
    self->send_exit(module, caf::exit_reason::kill);
    run();
    engine->asked.clear();
    news.clear();
    return engine->modules.at("m");
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "a module is created and started", "[modules]") {
  begin();
  CHECK(engine->asked == strings{"prepare m", "create m", "start m"});
  CHECK(status().status == runtime_status::running);
  CHECK(status().pid == 101);
  CHECK(news.back().settled);
  CHECK(engine->launches.at("m").env.at("IOTEDGE_DEVICEID") == "gw1");
}

TEST_CASE_METHOD(fixture, "what the engine is asked for is counted and timed",
                 "[modules]") {
  const auto counted = [&](const std::string& command) {
    return meters
      ->counter("edgeAgent_module_" + command + "_total", "",
                {{"module_name", "m"},
                 {"module_version", "1"},
                 {"ms_telemetry", "True"}})
      .Value();
  };
  const auto timed = [&](const std::string& command) {
    const auto seen
      = meters
          ->summary("edgeAgent_command_latency_seconds", "",
                    {{"command", command}, {"ms_telemetry", "True"}}, 1h)
          .Collect()
          .summary;
    return std::pair{seen.sample_count, seen.sample_sum};
  };
  using seconds_of = std::pair<std::uint64_t, double>;
  spec.version = "1";
  begin();
  engine->slow_stop = true;
  wish(false);
  pass(2s);
  engine->ended("m", {exit_kind::stopped, 0, {}});
  run();
  CHECK(counted("prepare_update") == 1);
  CHECK(counted("start") == 1);
  CHECK(counted("stop") == 1);
  CHECK(timed("prepareUpdate") == seconds_of{1, 0});
  CHECK(timed("create") == seconds_of{1, 0});
  CHECK(timed("start") == seconds_of{1, 0});
  CHECK(timed("stop") == seconds_of{1, 2});
  tell(remove_module{});
  CHECK(timed("remove") == seconds_of{1, 0});
  module = nullptr;
}

TEST_CASE_METHOD(fixture, "a module that should be stopped is only created",
                 "[modules]") {
  spec.running = false;
  begin();
  CHECK(engine->asked == strings{"prepare m", "create m"});
  CHECK(status().status == runtime_status::stopped);
  CHECK(news.back().settled);
  SECTION("until its deployment changes its mind") {
    wish(true);
    CHECK(status().status == runtime_status::running);
    wish(false);
    CHECK(status().status == runtime_status::stopped);
  }
}

TEST_CASE_METHOD(fixture, "a crashed module waits, then runs again",
                 "[modules]") {
  begin();
  crash();
  CHECK(status().status == runtime_status::backoff);
  CHECK(status().exit_code == 3);
  CHECK(status().description == "exit code 3");
  pass(9999ms);
  CHECK(times("start m") == 1);
  pass(1ms);
  CHECK(times("start m") == 2);
  CHECK(status().status == runtime_status::running);
  CHECK(status().restarts.restarts == 1);
  SECTION("longer the next time") {
    crash();
    pass(19999ms);
    CHECK(times("start m") == 2);
    pass(1ms);
    CHECK(times("start m") == 3);
  }
  SECTION("and is stable after ten minutes") {
    CHECK(status().restarts.attempts == 1);
    pass(600s + 1ms);
    CHECK(status().restarts.attempts == 0);
    CHECK(status().restarts.restarts == 1);
    CHECK(engine->modules.at("m").restarts.attempts == 0);
  }
  SECTION("or at once, when an operator says so") {
    crash();
    tell(restart_now{});
    CHECK(times("start m") == 3);
    pass(1h);
    CHECK(times("start m") == 3);
  }
}

TEST_CASE_METHOD(fixture, "an operator stops and starts a module",
                 "[modules]") {
  begin();
  tell(start_now{});
  CHECK(times("start m") == 1);
  SECTION("that runs") { tell(stop_now{}); }
  SECTION("that waits to be started again") {
    crash();
    tell(stop_now{});
    pass(1h);
  }
  CHECK(status().status == runtime_status::stopped);
  CHECK(times("start m") == 1);
  tell(stop_now{});
  tell(start_now{});
  CHECK(status().status == runtime_status::running);
  CHECK(status().restarts.restarts == (times("stop m") > 0 ? 0 : 1));
  CHECK(times("start m") == 2);
}

TEST_CASE_METHOD(fixture, "a module goes on trying at the longest delay",
                 "[modules]") {
  begin();
  for (int i = 0; i < 30; ++i) {
    crash();
    CHECK(status().status == runtime_status::backoff);
    pass(300s);
    CHECK(status().status == runtime_status::running);
  }
}

TEST_CASE_METHOD(fixture, "a clean exit is final unless the policy is always",
                 "[modules]") {
  SECTION("on-unhealthy") {
    begin();
    crash({exit_kind::finished, 0, ""});
    CHECK(status().status == runtime_status::stopped);
    pass(1h);
    CHECK(times("start m") == 1);
  }
  SECTION("always") {
    spec.restart = restart_when::always;
    begin();
    crash({exit_kind::finished, 0, ""});
    CHECK(status().status == runtime_status::backoff);
    pass(10s);
    CHECK(times("start m") == 2);
  }
  SECTION("a crash under never is final too") {
    spec.restart = restart_when::never;
    begin();
    crash();
    CHECK(status().status == runtime_status::failed);
    pass(1h);
    CHECK(times("start m") == 1);
  }
}

TEST_CASE_METHOD(fixture, "a module that cannot start says why", "[modules]") {
  engine->broken = "m";
  begin();
  CHECK(status().status == runtime_status::backoff);
  CHECK(status().exit_code == 127);
  CHECK(status().description == "could not be started: no such program");
  engine->broken.clear();
  pass(10s);
  CHECK(status().status == runtime_status::running);
}

TEST_CASE_METHOD(fixture, "a module without an identity yet is tried again",
                 "[modules]") {
  host->problem = "the parent cannot be reached";
  begin();
  CHECK(status().status == runtime_status::backoff);
  CHECK(status().description == "the parent cannot be reached");
  host->problem.clear();
  pass(10s);
  CHECK(status().status == runtime_status::running);
}

TEST_CASE_METHOD(fixture, "a found module says what it lacks of its host",
                 "[modules]") {
  const auto found = survivor();
  host->problem = "can not listen on m.sock: a folder is there";
  SECTION("when it is down, and starts once it has that") {
    engine->modules.at("m").running = false;
    engine->modules.at("m").ended = exit_cause{exit_kind::stopped, 0, ""};
    begin(found);
    CHECK(status().status == runtime_status::backoff);
    CHECK(status().description == host->problem);
    CHECK(news.back().problem == host->problem);
    CHECK(times("start m") == 0);
  }
  SECTION("when it runs") {
    begin(found);
    CHECK(status().description == host->problem);
    CHECK(news.back().problem == host->problem);
  }
  host->problem.clear();
  pass(10s);
  CHECK(status().status == runtime_status::running);
  CHECK(status().description.empty());
}

TEST_CASE_METHOD(fixture, "a survivor is adopted as it is", "[modules]") {
  const auto found = survivor();
  begin(found);
  CHECK(engine->asked == strings{"adopt m"});
  CHECK(status().status == runtime_status::running);
  CHECK(status().pid == found.pid);
}

TEST_CASE_METHOD(fixture, "an outdated survivor is replaced", "[modules]") {
  auto found = survivor();
  spec.hash = "other";
  begin(found);
  CHECK(engine->asked
        == strings{"adopt m", "prepare m", "stop m", "remove m", "create m",
                   "start m"});
}

TEST_CASE_METHOD(fixture, "what ended without a gateway waits out its delay",
                 "[modules]") {
  auto found = survivor();
  found.restarts = {1, 7, 5};
  engine->modules.at("m").running = false;
  engine->modules.at("m").ended = exit_cause{exit_kind::failed, 1, ""};
  engine->modules.at("m").finished = engine->now;
  engine->now += 15'000;
  begin(found);
  CHECK(status().status == runtime_status::backoff);
  CHECK(status().restarts.restarts == 8);
  pass(5000ms);
  CHECK(times("start m") == 0);
  pass(1ms);
  CHECK(times("start m") == 1);
}

TEST_CASE_METHOD(fixture, "what was stopped with the gateway starts with it",
                 "[modules]") {
  const auto found = survivor();
  engine->modules.at("m").running = false;
  engine->modules.at("m").ended = exit_cause{exit_kind::stopped, 0, ""};
  begin(found);
  CHECK(engine->asked == strings{"adopt m", "start m"});
}

TEST_CASE_METHOD(fixture, "an unhealthy module is stopped and started again",
                 "[modules]") {
  auto& health = spec.process.health.emplace();
  health.interval = 2s;
  health.retries = 2;
  SECTION("when its command fails") {
    health.command = {"probe"};
    engine->healthy = false;
    begin();
  }
  SECTION("when its client is not connected") {
    connected = false;
    begin();
  }
  pass(2s);
  CHECK(times("stop m") == 0);
  pass(2s);
  CHECK(times("stop m") == 1);
  CHECK(status().status == runtime_status::backoff);
  CHECK(status().description.starts_with("unhealthy: "));
  pass(10s);
  CHECK(times("start m") == 2);
}

TEST_CASE_METHOD(fixture, "an unhealthy module is only shown under on-failure",
                 "[modules]") {
  spec.restart = restart_when::on_failure;
  auto& health = spec.process.health.emplace();
  health.command = {"probe"};
  health.interval = 2s;
  health.retries = 1;
  engine->healthy = false;
  begin();
  pass(2s);
  CHECK(status().status == runtime_status::unhealthy);
  CHECK(status().description == "sick");
  engine->healthy = true;
  pass(2s);
  CHECK(status().status == runtime_status::running);
  CHECK(times("stop m") == 0);
}

TEST_CASE_METHOD(fixture, "failures in the start period do not count",
                 "[modules]") {
  auto& health = spec.process.health.emplace();
  health.command = {"probe"};
  health.interval = 2s;
  health.retries = 1;
  health.start_period = 5s;
  engine->healthy = false;
  begin();
  pass(2s);
  pass(2s);
  CHECK(times("stop m") == 0);
  pass(2s);
  CHECK(times("stop m") == 1);
}

TEST_CASE_METHOD(fixture, "a removed module is stopped, removed, released",
                 "[modules]") {
  begin();
  tell(remove_module{});
  CHECK(engine->asked
        == strings{"prepare m", "create m", "start m", "stop m", "remove m"});
  CHECK(host->released == strings{"m"});
}

TEST_CASE_METHOD(fixture, "an exit stops the module, a kill does not",
                 "[modules]") {
  begin();
  SECTION("exit") {
    self->send_exit(module, caf::exit_reason::user_shutdown);
    run();
    CHECK_FALSE(engine->modules.at("m").running);
  }
  SECTION("kill") {
    self->send_exit(module, caf::exit_reason::kill);
    run();
    CHECK(engine->modules.at("m").running);
  }
}

TEST_CASE_METHOD(fixture, "an update is fetched while the old module runs",
                 "[modules]") {
  begin();
  crash();
  pass(10s);
  REQUIRE(status().restarts.restarts == 1);
  SECTION("then takes its place, with a clean record") {
    update();
    CHECK(engine->asked
          == strings{"prepare m", "stop m", "remove m", "create m", "start m"});
    CHECK(status().version == "2");
    CHECK(status().restarts.restarts == 0);
    CHECK(status().restarts.attempts == 0);
    CHECK(news.back().problem.empty());
  }
  SECTION("and nothing is stopped before all is there") {
    engine->slow_fetch = "m";
    update();
    CHECK(engine->asked == strings{"prepare m"});
    CHECK(news.back().busy);
    CHECK_FALSE(news.back().settled);
    CHECK(status().version == "");
    const auto& launch = engine->launches.at("m");
    SECTION("an answer about an older wish counts for nothing") {
      tell(engine_done{"m", {}, launch.hash});
      CHECK(engine->asked == strings{"prepare m"});
    }
    SECTION("what ends meanwhile is started again") {
      crash();
      pass(20s);
      CHECK(times("start m") == 1);
      CHECK(status().status == runtime_status::running);
    }
  }
  SECTION("to be stopped takes no start") {
    spec.running = false;
    update();
    CHECK(engine->asked
          == strings{"prepare m", "stop m", "remove m", "create m"});
    CHECK(status().status == runtime_status::stopped);
  }
}

TEST_CASE_METHOD(fixture, "a failed fetch leaves the old module running",
                 "[modules]") {
  begin();
  engine->missing = "m";
  update();
  CHECK(engine->asked == strings{"prepare m"});
  CHECK(status().status == runtime_status::running);
  CHECK(news.back().problem == "m cannot be fetched");
  CHECK(news.back().settled);
  CHECK_FALSE(news.back().waiting);
  SECTION("and is tried again after 20 s, 40 s, and so on") {
    pass(20s);
    CHECK(times("prepare m") == 1);
    pass(1ms);
    CHECK(times("prepare m") == 2);
    pass(40s);
    CHECK(times("prepare m") == 2);
    pass(1ms);
    CHECK(times("prepare m") == 3);
    engine->missing.clear();
    pass(80s + 1ms);
    CHECK(times("start m") == 1);
    CHECK(news.back().problem.empty());
  }
  SECTION("not sooner for the same deployment") {
    update(false);
    CHECK(engine->asked.empty());
    CHECK(news.back().waiting);
    CHECK(news.back().problem == "m cannot be fetched");
  }
  SECTION("at once for another one") {
    engine->missing.clear();
    update();
    CHECK(engine->asked
          == strings{"prepare m", "stop m", "remove m", "create m", "start m"});
  }
  SECTION("and the old one still obeys") {
    wish(false);
    CHECK(status().status == runtime_status::stopped);
    CHECK(times("stop m") == 1);
  }
}

TEST_CASE_METHOD(fixture, "what cannot be created is tried again, all of it",
                 "[modules]") {
  engine->refused = "m";
  begin();
  CHECK(engine->asked == strings{"prepare m", "create m"});
  CHECK(status().status == runtime_status::backoff);
  CHECK(news.back().problem == "refused");
  engine->refused.clear();
  pass(20s + 1ms);
  CHECK(
    engine->asked
    == strings{"prepare m", "create m", "prepare m", "create m", "start m"});
  CHECK(news.back().problem.empty());
}

TEST_CASE_METHOD(fixture, "a dead module is removed and made again",
                 "[modules]") {
  begin();
  engine->asked.clear();
  engine->modules.at("m").running = false;
  tell(module_down{"m", {exit_kind::unknown, 0, ""}, 1, true});
  CHECK(engine->asked
        == strings{"prepare m", "remove m", "create m", "start m"});
  CHECK(status().status == runtime_status::running);
}

TEST_CASE_METHOD(fixture, "the engine's judgement of health counts as its own",
                 "[modules]") {
  begin();
  tell(module_health{"m", false, "no answer"});
  CHECK(times("stop m") == 1);
  CHECK(status().status == runtime_status::backoff);
  CHECK(status().description == "unhealthy: no answer");
}

TEST_CASE_METHOD(fixture,
                 "a survivor whose update cannot be fetched is started again",
                 "[modules]") {
  const auto found = survivor();
  engine->modules.at("m").running = false;
  engine->modules.at("m").ended = exit_cause{exit_kind::stopped, 0, ""};
  engine->missing = "m";
  spec.hash = "other";
  begin(found);
  CHECK(engine->asked == strings{"adopt m", "prepare m", "start m"});
  CHECK(status().status == runtime_status::running);
  CHECK(news.back().problem == "m cannot be fetched");
}

namespace {

struct trial_fixture : fixture {
  std::optional<std::chrono::milliseconds> grace = 60s;

  trial_fixture() {
    spec.image = "m";
    spec.version = "1";
    spec.hash = spec_hash(spec);
  }

  module_context own_context() {
    auto made = context();
    made.rollback_grace = grace;
    return made;
  }

  void begin(std::optional<module_record> found = {}) {
    engine->asked.clear();
    module = sys.spawn(module_actor, own_context(), want_module{spec, {}, true},
                       found, agent);
    run();
  }

  void deploy(const std::string& version) {
    engine->asked.clear();
    spec.version = version;
    spec.hash = spec_hash(spec);
    tell(want_module{spec, {}, true});
  }

  /// A version 1 that has worked for a while.
  void begin_good() {
    begin();
    pass(60s);
    REQUIRE(engine->modules.at("m").restarts.proven);
  }

  void restart_gateway() {
    self->send_exit(module, caf::exit_reason::kill);
    run();
    begin(engine->modules.at("m"));
  }

  void check_rolled_back() {
    CHECK(status().version == "1");
    CHECK(status().status == runtime_status::running);
    CHECK(status().description.starts_with(
      "rolled back to version 1: version 2 did not become healthy: "));
    CHECK(news.back().problem == status().description);
  }
};

} // namespace

TEST_CASE_METHOD(trial_fixture, "a changed module that fails is rolled back",
                 "[modules]") {
  begin_good();
  deploy("2");
  crash();
  SECTION("when its grace is over") {
    pass(10s);
    crash();
    pass(49s);
    CHECK(status().version == "2");
    pass(1s);
    check_rolled_back();
    SECTION("and stays so, also for a later gateway") {
      restart_gateway();
      CHECK(engine->asked == strings{"adopt m"});
      check_rolled_back();
    }
    SECTION("until another version comes") {
      deploy("3");
      CHECK(status().version == "3");
      CHECK(status().description.empty());
      CHECK(news.back().problem.empty());
    }
    SECTION("or the good one is what is wanted") {
      deploy("1");
      CHECK(engine->asked.empty());
      CHECK(news.back().problem.empty());
    }
    SECTION("however often the bad one is asked for") {
      deploy("2");
      CHECK(engine->asked.empty());
      check_rolled_back();
    }
  }
  SECTION("by the gateway after this one") {
    restart_gateway();
    CHECK(status().version == "2");
    pass(60s);
    check_rolled_back();
  }
}

TEST_CASE_METHOD(trial_fixture, "one that its policy leaves is rolled back now",
                 "[modules]") {
  spec.restart = restart_when::never;
  spec.hash = spec_hash(spec);
  begin_good();
  deploy("2");
  crash();
  check_rolled_back();
}

TEST_CASE_METHOD(trial_fixture,
                 "one that its health check fails is rolled back",
                 "[modules]") {
  begin_good();
  spec.process.health.emplace().command = {"probe"};
  spec.process.health->interval = 5s;
  spec.process.health->timeout = 1s;
  engine->healthy = false;
  deploy("2");
  pass(60s);
  check_rolled_back();
}

TEST_CASE_METHOD(trial_fixture, "a changed module that works is the good one",
                 "[modules]") {
  begin_good();
  deploy("2");
  pass(60s);
  CHECK(engine->modules.at("m").restarts.proven);
  crash();
  pass(1h);
  CHECK(status().version == "2");
  deploy("3");
  crash();
  pass(60s);
  CHECK(status().version == "2");
}

TEST_CASE_METHOD(trial_fixture, "there is no way back", "[modules]") {
  SECTION("when there was none before") {
    begin();
    crash();
    pass(60s);
    CHECK(status().version == "1");
  }
  SECTION("when it is not wanted") {
    grace.reset();
    begin();
    pass(60s);
    deploy("2");
    crash();
    pass(60s);
    CHECK(status().version == "2");
  }
  SECTION("while the module is to be stopped") {
    begin_good();
    deploy("2");
    crash();
    wish(false);
    pass(60s);
    CHECK(status().version == "2");
    CHECK(status().status == runtime_status::stopped);
  }
}

TEST_CASE_METHOD(trial_fixture, "the way back does not need the network",
                 "[modules]") {
  begin_good();
  deploy("2");
  crash();
  engine->missing = "m";
  pass(60s);
  CHECK(status().version == "2");
  CHECK_FALSE(engine->pulled);
  engine->missing.clear();
  pass(20s + 1ms);
  CHECK(engine->pulled);
  check_rolled_back();
}
