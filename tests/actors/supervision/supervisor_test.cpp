#include "actors/supervision/supervisor.hpp"

#include "messages/ec.hpp"
#include "support/deterministic.hpp"

#include <caf/send.hpp>
#include <catch2/catch.hpp>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

struct fixture : deterministic {
  std::map<std::string, int> starts;
  std::map<std::string, caf::actor> current;
  std::vector<std::string> ends;
  bool healthy = true;
  bool answering = true;
  caf::actor root;

  ~fixture() {
    current.clear();
    if (root)
      caf::anon_send_exit(root, caf::exit_reason::user_shutdown);
    root = nullptr;
    run();
  }

  /// A child that counts its starts and says when it is told to end.
  child_spec child(const std::string& name,
                   restart_policy policy = actor_restart_policy()) {
    child_spec spec;
    spec.name = name;
    spec.policy = std::move(policy);
    spec.start = [this, name](caf::event_based_actor* parent) {
      ++starts[name];
      current[name] = parent->spawn(
        [this, name](caf::event_based_actor* me) -> caf::behavior {
          me->set_exit_handler([this, me, name](const caf::exit_msg& m) {
            ends.push_back(name);
            me->quit(m.reason);
          });
          return {
            [me](const caf::error& why) { me->quit(why); },
            [this, me](check_health) -> caf::result<health> {
              if (answering)
                return health{healthy, "told so"};
              return me->make_response_promise<health>();
            },
          };
        });
      return current[name];
    };
    return spec;
  }

  void begin(std::vector<child_spec> children) {
    root = sys.spawn(supervisor, supervisor_options{"root", nullptr},
                     std::move(children));
    run();
  }

  void crash(const std::string& name) {
    self->send(current[name], caf::make_error(ec::io_failed, "disk"));
    run();
  }

  actor_node tree() {
    auto answer = ask<actor_node>(root, get_tree{1s});
    REQUIRE(answer);
    return *answer;
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "a crashed child is restarted after its backoff",
                 "[supervision]") {
  begin({child("a"), child("b")});
  crash("a");
  CHECK(starts["a"] == 1);
  CHECK(tree().children[0].state == "backoff");
  pass(10ms);
  CHECK(starts["a"] == 2);
  CHECK(starts["b"] == 1);
  const auto shown = tree().children[0];
  CHECK(shown.state == "running");
  CHECK(shown.restarts == 1);
  CHECK(shown.last_cause == "failed: disk");
}

TEST_CASE_METHOD(fixture, "a child that is never restarted stays down",
                 "[supervision]") {
  begin({child("a", actor_restart_policy(restart_when::never))});
  crash("a");
  pass(1h);
  CHECK(starts["a"] == 1);
  CHECK(tree().children[0].state == "failed");
}

TEST_CASE_METHOD(fixture, "a child that cannot start is tried again",
                 "[supervision]") {
  auto broken = child("a");
  bool works = false;
  broken.start = [start = broken.start,
                  &works](caf::event_based_actor* parent) -> caf::actor {
    if (!works)
      throw std::runtime_error{"no such device"};
    return start(parent);
  };
  begin({broken});
  CHECK(tree().children[0].last_cause
        == "could not be started: no such device");
  works = true;
  pass(10ms);
  CHECK(tree().children[0].state == "running");
}

TEST_CASE_METHOD(fixture, "children stop in the reverse of their start order",
                 "[supervision]") {
  begin({child("a"), child("b"), child("c")});
  caf::anon_send_exit(root, caf::exit_reason::user_shutdown);
  run();
  CHECK(ends == std::vector<std::string>{"c", "b", "a"});
}

TEST_CASE_METHOD(fixture, "restarting too often ends the supervisor",
                 "[supervision]") {
  begin({child("a"), child("b")});
  self->monitor(root);
  for (int i = 0; i < 6; ++i) {
    crash("b");
    pass(2s);
  }
  CHECK(starts["b"] == 6);
  CHECK(ends == std::vector<std::string>{"a"});
  self->receive(
    [](const caf::down_msg& down) { CHECK(down.reason == ec::unavailable); });
}

TEST_CASE_METHOD(fixture, "an escalation restarts the subtree",
                 "[supervision]") {
  auto strict = actor_restart_policy();
  strict.most_in_period = 0;
  child_spec branch;
  branch.name = "branch";
  branch.answers_tree = true;
  branch.start = [this, strict](caf::event_based_actor* parent) {
    return parent->spawn(supervisor, supervisor_options{"branch", nullptr},
                         std::vector{child("a"), child("b", strict)});
  };
  begin({branch});
  crash("b");
  pass(10ms);
  CHECK(starts["a"] == 2);
  CHECK(starts["b"] == 2);
  const auto shown = tree().children[0];
  CHECK(shown.restarts == 1);
  REQUIRE(shown.children.size() == 2);
  CHECK(shown.children[1].name == "b");
  CHECK(shown.mailbox == 0u);
}

TEST_CASE_METHOD(fixture, "a first start that escalates ends the supervisor",
                 "[supervision]") {
  auto broken = child("a");
  broken.policy.most_in_period = 0;
  broken.start = [](caf::event_based_actor*) { return caf::actor{}; };
  begin({child("b"), broken, child("c")});
  CHECK(starts["b"] == 1);
  CHECK(starts["c"] == 0);
  CHECK(ends == std::vector<std::string>{"b"});
  CHECK_FALSE(ask<actor_node>(root, get_tree{}));
}

TEST_CASE_METHOD(fixture, "an unhealthy child is replaced after its misses",
                 "[supervision]") {
  auto probed = child("a", actor_restart_policy(restart_when::on_unhealthy));
  probed.probe = health_probe{10s, 5s, 2};
  begin({probed});
  SECTION("when it says so") { healthy = false; }
  SECTION("when it does not answer") { answering = false; }
  const auto stuck = current["a"];
  pass(10s);
  pass(5s);
  CHECK(starts["a"] == 1);
  pass(10s);
  pass(5s);
  pass(10ms);
  CHECK(starts["a"] == 2);
  CHECK(current["a"] != stuck);
}

TEST_CASE_METHOD(fixture, "an unhealthy child is only shown under on-failure",
                 "[supervision]") {
  auto probed = child("a", actor_restart_policy(restart_when::on_failure));
  probed.probe = health_probe{10s, 5s, 1};
  begin({probed});
  healthy = false;
  pass(10s);
  CHECK(tree().children[0].state == "unhealthy");
  healthy = true;
  pass(10s);
  CHECK(tree().children[0].state == "running");
  CHECK(starts["a"] == 1);
}

TEST_CASE_METHOD(fixture, "a child added later is stopped first and forgotten",
                 "[supervision]") {
  begin({child("a")});
  CHECK(ask<child_handle>(
    root, start_child{child("b", actor_restart_policy(restart_when::never))}));
  SECTION("stopped with the others") {
    caf::anon_send_exit(root, caf::exit_reason::user_shutdown);
    run();
    CHECK(ends == std::vector<std::string>{"b", "a"});
  }
  SECTION("forgotten once down") {
    crash("b");
    CHECK(tree().children.size() == 1);
  }
  SECTION("its name is taken") {
    const auto refused = ask<child_handle>(root, start_child{child("b")});
    REQUIRE_FALSE(refused);
    CHECK(refused.error() == ec::bad_argument);
  }
}

TEST_CASE_METHOD(fixture, "an operator restarts a child without waiting",
                 "[supervision]") {
  begin({child("a")});
  CHECK(ask<child_handle>(root, restart_child{"a"}));
  CHECK(starts["a"] == 2);
  CHECK(tree().children[0].restarts == 0);
  SECTION("also one in backoff") {
    crash("a");
    CHECK(ask<child_handle>(root, restart_child{"a"}));
    CHECK(starts["a"] == 3);
    pass(1s);
    CHECK(starts["a"] == 3);
  }
  SECTION("and stops it for good") {
    CHECK(ask<child_handle>(root, stop_child{"a"}));
    pass(1h);
    CHECK(starts["a"] == 2);
    CHECK(tree().children[0].state == "stopped");
  }
  SECTION("but not one that does not exist") {
    CHECK(ask<child_handle>(root, restart_child{"x"}).error() == ec::not_found);
  }
}

TEST_CASE_METHOD(fixture, "watched actors are shown and stopped, not restarted",
                 "[supervision]") {
  begin({child("a")});
  const auto one = sys.spawn(
    [](caf::event_based_actor*) -> caf::behavior { return {[](int) {}}; });
  self->send(root, watch_child{"leaf", one});
  run();
  CHECK(tree().children.at(1).name == "leaf");
  self->send_exit(one, caf::exit_reason::kill);
  run();
  CHECK(tree().children.size() == 1);
}

TEST_CASE_METHOD(fixture, "a child that does not answer is shown as such",
                 "[supervision]") {
  child_spec stuck;
  stuck.name = "stuck";
  stuck.answers_tree = true;
  stuck.start = [](caf::event_based_actor* parent) {
    return parent->spawn([](caf::event_based_actor* me) -> caf::behavior {
      return {
        [me](get_tree) { return me->make_response_promise<actor_node>(); }};
    });
  };
  begin({stuck, child("a")});
  auto pending = self->request(root, 5s, get_tree{1s});
  run();
  pass(750ms);
  pending.receive(
    [](const actor_node& node) {
      CHECK(node.children.at(0).state == "no answer");
      CHECK(node.children.at(1).state == "running");
    },
    [](const caf::error&) { FAIL("the tree hung"); });
}

TEST_CASE_METHOD(fixture, "a child that ignores its stop does not hold others",
                 "[supervision]") {
  child_spec deaf;
  deaf.name = "deaf";
  deaf.stop_grace = 2s;
  deaf.start = [](caf::event_based_actor* parent) {
    return parent->spawn([](caf::event_based_actor* me) -> caf::behavior {
      me->set_exit_handler([](const caf::exit_msg&) {});
      return {[](int) {}};
    });
  };
  begin({child("a"), deaf});
  caf::anon_send_exit(root, caf::exit_reason::user_shutdown);
  run();
  CHECK(ends.empty());
  pass(2s);
  CHECK(ends == std::vector<std::string>{"a"});
}
