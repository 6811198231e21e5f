#include "actors/modules/modules.hpp"
#include "support/deterministic.hpp"
#include "support/fake_engine.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

/// A `fake_engine` with one fault, at the command with a given number.
class faulty_engine : public fake_engine {
public:
  enum class fault {
    none,
    gateway_dies_before, ///< the command is lost, and all that follow
    gateway_dies_after,  ///< it is done, and nobody hears of it
    command_fails,
    disk_is_full, ///< from there on nothing is fetched or created
  };

  std::size_t commands = 0; ///< so far
  std::size_t at = 0;       ///< counts from 1
  fault what = fault::none;
  bool gateway_is_dead = false;
  std::function<void()> on_death;

  void prepare(module_launch launch, caf::actor asker) override {
    const engine_done failed{launch.spec.name, "no space left", launch.hash};
    command([&] { fake_engine::prepare(launch, asker); },
            [&] { caf::anon_send(asker, failed); }, true);
  }
  void create(module_launch launch, caf::actor owner) override {
    const engine_done failed{launch.spec.name, "no space left", {}};
    command([&] { fake_engine::create(launch, owner); },
            [&] { caf::anon_send(owner, failed); }, true);
  }
  void adopt(std::string name, caf::actor owner) override {
    command([&] { fake_engine::adopt(name, owner); },
            [&] { fake_engine::adopt(name, owner); });
  }
  void start(std::string name) override {
    command([&] { fake_engine::start(name); },
            [&] {
              ended(name, {exit_kind::spawn_failed, 126, "no memory"});
            });
  }
  void stop(std::string name, std::chrono::milliseconds grace) override {
    command([&] { fake_engine::stop(name, grace); },
            [&] {
              ended(name, {exit_kind::killed, 9, "it hung"});
            });
  }
  void remove(std::string name, caf::actor asker) override {
    command([&] { fake_engine::remove(name, asker); },
            [&] {
              if (asker)
                caf::anon_send(asker, engine_done{name, "busy", {}});
            });
  }
  void remember(std::string name, restart_record record) override {
    if (!gateway_is_dead)
      fake_engine::remember(name, record);
  }

private:
  template <class Do, class Fail>
  void command(Do carry_out, Fail fail, bool takes_space = false) {
    if (gateway_is_dead)
      return;
    ++commands;
    const auto due = commands == at;
    if (what == fault::command_fails && due)
      return fail();
    if (what == fault::disk_is_full && takes_space && commands >= at)
      return fail();
    if (what == fault::gateway_dies_before && due)
      return die();
    carry_out();
    if (what == fault::gateway_dies_after && due)
      die();
  }
  void die() {
    gateway_is_dead = true;
    on_death();
  }
};

using fault = faulty_engine::fault;

/// From one deployment to the next: a module is changed, one goes, one comes,
/// one is stopped and one stays.
struct story : deterministic {
  std::shared_ptr<faulty_engine> engine = std::make_shared<faulty_engine>();
  std::shared_ptr<fake_host> host = std::make_shared<fake_host>();
  caf::actor agent;

  ~story() { kill(); }

  static deployment::module_spec spec(const std::string& name,
                                      std::uint32_t order,
                                      const std::string& image,
                                      bool running = true) {
    deployment::module_spec made;
    made.name = name;
    made.image = image;
    made.startup_order = order;
    made.running = running;
    made.hash = spec_hash(made);
    return made;
  }
  static std::shared_ptr<const deployment::manifest>
  manifest(std::vector<deployment::module_spec> modules) {
    auto made = std::make_shared<deployment::manifest>();
    made->modules = std::move(modules);
    return made;
  }
  static auto before() {
    return manifest({spec("changed", 1, "old"), spec("gone", 2, "x"),
                     spec("halted", 3, "x"), spec("kept", 4, "x")});
  }
  static auto after() {
    return manifest({spec("changed", 1, "new"), spec("added", 2, "x"),
                     spec("halted", 3, "x", false), spec("kept", 4, "x")});
  }

  void begin(std::shared_ptr<const deployment::manifest> first) {
    module_context context;
    context.engine = engine;
    context.host = host;
    context.rollback_grace = 60s;
    context.now = [this] { return engine->now; };
    agent = sys.spawn(modules, context, std::move(first));
    run();
  }
  void kill() {
    if (agent)
      self->send_exit(agent, caf::exit_reason::kill);
    agent = nullptr;
    run();
  }
  void wait(std::chrono::seconds time) {
    for (auto left = time; left > 0s; left -= 10s) {
      engine->now += 10'000;
      pass(10s);
    }
  }
  void go_on(fault what, std::size_t at) {
    engine->what = what;
    engine->at = engine->commands + at;
    engine->on_death
      = [this] { self->send_exit(agent, caf::exit_reason::kill); };
    self->send(agent, apply_manifest{after(), {}});
    run();
  }

  void check_running(const std::string& name, const std::string& image) {
    INFO(name);
    REQUIRE(engine->modules.contains(name));
    CHECK(engine->modules.at(name).running == (name != "halted"));
    CHECK(engine->launches.at(name).spec.image == image);
  }
  void check_done() {
    CHECK(engine->modules.size() == 4);
    check_running("changed", "new");
    check_running("added", "x");
    check_running("halted", "x");
    check_running("kept", "x");
    const auto answer
      = ask<manifest_applied>(agent, apply_manifest{after(), {}});
    REQUIRE(answer);
    CHECK(answer->problems.empty());
  }
};

/// Tells the story with one fault; false when it has no such command.
bool tell(fault what, std::size_t at) {
  INFO("command " << at);
  story one;
  one.begin(story::before());
  one.wait(70s); // all of it has proved to work
  one.go_on(what, at);
  const auto happened = one.engine->commands >= one.engine->at;
  if (one.engine->gateway_is_dead) {
    one.agent = nullptr;
    // Whatever is being replaced, what is kept is left alone.
    one.check_running("kept", "x");
    one.engine->gateway_is_dead = false;
    one.begin(story::after());
  }
  one.wait(200s);
  one.check_done();
  return happened;
}

} // namespace

TEST_CASE("a gateway that dies in a plan is followed by one that ends it",
          "[modules]") {
  const auto how
    = GENERATE(fault::gateway_dies_before, fault::gateway_dies_after);
  std::size_t steps = 1;
  while (tell(how, steps))
    ++steps;
  CHECK(steps > 8);
}

TEST_CASE("a command that fails once only delays a plan", "[modules]") {
  std::size_t steps = 1;
  while (tell(fault::command_fails, steps))
    ++steps;
  CHECK(steps > 8);
}

TEST_CASE("a gateway that dies while it starts is followed too", "[modules]") {
  for (std::size_t at = 1; at < 12; ++at) {
    INFO("command " << at);
    story one;
    one.engine->what = fault::gateway_dies_after;
    one.engine->at = at;
    one.engine->on_death
      = [&] { one.self->send_exit(one.agent, caf::exit_reason::kill); };
    one.begin(story::before());
    one.engine->gateway_is_dead = false;
    one.begin(story::after());
    one.wait(200s);
    one.check_done();
  }
}

TEST_CASE_METHOD(story, "a full disk stops what is new and nothing else",
                 "[modules]") {
  begin(before());
  wait(70s);
  go_on(fault::disk_is_full, 1);
  check_running("changed", "old");
  check_running("kept", "x");
  CHECK_FALSE(engine->modules.contains("added"));
  auto answer = ask<manifest_applied>(agent, apply_manifest{after(), {}});
  REQUIRE(answer);
  CHECK(answer->problems
        == std::vector<std::string>{"added: no space left",
                                    "changed: no space left"});
  wait(100s);
  engine->what = fault::none;
  wait(200s);
  check_done();
}
