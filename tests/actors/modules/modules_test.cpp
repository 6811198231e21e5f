#include "actors/modules/modules.hpp"
#include "actors/supervision/supervisor_messages.hpp"
#include "messages/ec.hpp"
#include "support/deterministic.hpp"
#include "support/fake_engine.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

using strings = std::vector<std::string>;

struct fixture : deterministic {
  std::shared_ptr<fake_engine> engine = std::make_shared<fake_engine>();
  std::shared_ptr<fake_host> host = std::make_shared<fake_host>();
  caf::actor agent;

  ~fixture() {
    if (agent)
      self->send_exit(agent, caf::exit_reason::kill);
    agent = nullptr;
    run();
  }

  static deployment::module_spec spec(const std::string& name,
                                      std::uint32_t order = 0,
                                      const std::string& image = "x") {
    deployment::module_spec made;
    made.name = name;
    made.image = image;
    made.startup_order = order;
    made.hash = spec_hash(made);
    return made;
  }

  static std::shared_ptr<const deployment::manifest>
  manifest(std::vector<deployment::module_spec> modules) {
    auto made = std::make_shared<deployment::manifest>();
    made->modules = std::move(modules);
    return made;
  }

  void begin(std::shared_ptr<const deployment::manifest> first) {
    module_context context;
    context.engine = engine;
    context.host = host;
    context.now = [this] { return engine->now; };
    agent = sys.spawn(modules, context, std::move(first));
    run();
  }

  manifest_applied apply(std::vector<deployment::module_spec> modules,
                         std::optional<std::int64_t> version = {}) {
    engine->asked.clear();
    const auto answer = ask<manifest_applied>(
      agent, apply_manifest{manifest(std::move(modules)), version});
    REQUIRE(answer);
    return *answer;
  }

  std::vector<module_status> all() {
    auto answer = ask<std::vector<module_status>>(agent, get_modules{});
    REQUIRE(answer);
    return *answer;
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "modules start in their order", "[modules]") {
  begin(manifest({spec("z", 1), spec("a", 2)}));
  CHECK(engine->asked
        == strings{"prepare z", "create z", "start z", "prepare a", "create a",
                   "start a"});
  REQUIRE(all().size() == 2);
  CHECK(all()[0].name == "a");
  CHECK(all()[0].status == runtime_status::running);
}

TEST_CASE_METHOD(fixture, "an unchanged manifest touches nothing",
                 "[modules]") {
  begin(manifest({spec("a"), spec("b")}));
  apply({spec("a"), spec("b")});
  CHECK(engine->asked.empty());
}

TEST_CASE_METHOD(fixture, "a new manifest removes, replaces and adds",
                 "[modules]") {
  begin(manifest({spec("changed"), spec("gone"), spec("kept")}));
  apply({spec("added"), spec("changed", 0, "y"), spec("kept")});
  CHECK(engine->asked
        == strings{"stop gone", "remove gone", "prepare added", "create added",
                   "start added", "prepare changed", "stop changed",
                   "remove changed", "create changed", "start changed"});
  CHECK(host->released == strings{"gone"});
  REQUIRE(all().size() == 3);
}

TEST_CASE_METHOD(fixture, "a changed status starts or stops, no more",
                 "[modules]") {
  begin(manifest({spec("a")}));
  auto stopped = spec("a");
  stopped.running = false;
  apply({stopped});
  CHECK(engine->asked == strings{"stop a"});
  CHECK(all()[0].status == runtime_status::stopped);
  apply({spec("a")});
  CHECK(engine->asked == strings{"start a"});
}

TEST_CASE_METHOD(fixture, "a module that does not come up holds up no other",
                 "[modules]") {
  engine->broken = "a";
  begin(manifest({spec("a", 1), spec("b", 2)}));
  CHECK(all()[0].status == runtime_status::backoff);
  CHECK(all()[1].status == runtime_status::running);
}

TEST_CASE_METHOD(fixture, "a manifest that comes during another waits for it",
                 "[modules]") {
  begin(manifest({spec("a")}));
  engine->slow_stop = true;
  self->send(agent, apply_manifest{manifest({}), {}});
  self->send(agent, apply_manifest{manifest({spec("skipped")}), {}});
  self->send(agent, apply_manifest{manifest({spec("b")}), {}});
  run();
  CHECK(engine->asked == strings{"prepare a", "create a", "start a", "stop a"});
  engine->slow_stop = false;
  engine->ended("a", {exit_kind::stopped, 0, {}});
  run();
  REQUIRE(all().size() == 1);
  CHECK(all()[0].name == "b");
}

TEST_CASE_METHOD(fixture, "a module that never settles is left behind",
                 "[modules]") {
  begin(manifest({spec("a", 1)}));
  engine->slow_stop = true;
  engine->asked.clear();
  self->send(agent, apply_manifest{manifest({spec("b", 2)}), {}});
  run();
  CHECK(engine->asked == strings{"stop a"});
  pass(30s);
  CHECK(engine->asked == strings{"stop a", "prepare b", "create b", "start b"});
}

TEST_CASE_METHOD(fixture, "survivors are adopted, or removed when unwanted",
                 "[modules]") {
  begin(manifest({spec("a"), spec("b")}));
  self->send_exit(agent, caf::exit_reason::kill);
  run();
  CHECK(engine->modules.at("a").running);
  engine->asked.clear();
  begin(manifest({spec("a")}));
  CHECK(engine->asked == strings{"remove b", "adopt a"});
  CHECK(host->released == strings{"b"});
  CHECK(all()[0].status == runtime_status::running);
}

TEST_CASE_METHOD(fixture, "an operator restarts a module", "[modules]") {
  auto off = spec("off");
  off.running = false;
  begin(manifest({spec("a"), off}));
  engine->asked.clear();
  CHECK(ask<module_status>(agent, restart_module{"a"}));
  run();
  CHECK(engine->asked == strings{"stop a", "start a"});
  CHECK(all()[0].restarts.restarts == 0);
  CHECK(ask<module_status>(agent, restart_module{"x"}).error()
        == ec::not_found);
  CHECK(ask<module_status>(agent, restart_module{"off"}).error()
        == ec::refused);
}

TEST_CASE_METHOD(fixture, "an exit stops every module first", "[modules]") {
  begin(manifest({spec("a"), spec("b")}));
  self->monitor(agent);
  self->send_exit(agent, caf::exit_reason::user_shutdown);
  run();
  CHECK_FALSE(engine->modules.at("a").running);
  CHECK_FALSE(engine->modules.at("b").running);
  self->receive([](const caf::down_msg&) {});
}

TEST_CASE_METHOD(fixture, "the tree shows each module", "[modules]") {
  engine->broken = "b";
  begin(manifest({spec("a"), spec("b")}));
  engine->now += 5000;
  const auto tree = ask<actor_node>(agent, get_tree{});
  REQUIRE(tree);
  REQUIRE(tree->children.size() == 2);
  CHECK(tree->children[0].state == "running");
  CHECK(tree->children[0].uptime == 5s);
  CHECK(tree->children[1].state == "backoff");
  CHECK(tree->children[1].last_cause
        == "could not be started: no such program");
}

TEST_CASE_METHOD(fixture, "a removal waits for its place in the order",
                 "[modules]") {
  begin(manifest({spec("first", 0), spec("gone", 1)}));
  apply({spec("first", 0), spec("new", 0)});
  CHECK(engine->asked
        == strings{"prepare new", "create new", "start new", "stop gone",
                   "remove gone"});
}

TEST_CASE_METHOD(fixture, "what could not be done is told with its module",
                 "[modules]") {
  begin({});
  engine->missing = "a";
  auto done = apply({spec("a"), spec("b")}, 7);
  CHECK(done.problems == strings{"a: a cannot be fetched"});
  CHECK_FALSE(done.waiting);
  SECTION("and that it waits, when the same deployment comes again") {
    done = apply({spec("a"), spec("b")}, 7);
    CHECK(engine->asked.empty());
    CHECK(done.problems == strings{"a: a cannot be fetched"});
    CHECK(done.waiting);
  }
  SECTION("another deployment tries again at once") {
    engine->missing.clear();
    done = apply({spec("a"), spec("b")}, 8);
    CHECK(engine->asked == strings{"prepare a", "create a", "start a"});
    CHECK(done.problems.empty());
  }
}

TEST_CASE_METHOD(fixture, "a fetch that hangs does not hold up what comes next",
                 "[modules]") {
  engine->slow_fetch = "a";
  begin(manifest({spec("a", 1), spec("b", 2)}));
  SECTION("for ever") {
    pass(9min);
    CHECK(engine->asked == strings{"prepare a"});
    pass(2min);
    CHECK(engine->asked
          == strings{"prepare a", "prepare b", "create b", "start b"});
  }
  SECTION("when that is a new deployment") {
    engine->asked.clear();
    self->send(agent,
               apply_manifest{manifest({spec("c", 0), spec("a", 1, "y")}), {}});
    run();
    CHECK(engine->asked
          == strings{"prepare c", "create c", "start c", "prepare a"});
  }
}

TEST_CASE_METHOD(fixture, "the agent and the hub are never removed",
                 "[modules]") {
  engine->modules["edgeAgent"].name = "edgeAgent";
  engine->modules["edgeHub"].name = "edgeHub";
  begin(manifest({spec("a")}));
  CHECK(engine->asked == strings{"prepare a", "create a", "start a"});
}
