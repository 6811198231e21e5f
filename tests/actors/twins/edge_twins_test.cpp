#include "actors/twins/edge_twins.hpp"

#include "actors/twins/twin_node.hpp"
#include "messages/ec.hpp"
#include "messages/twin/merge.hpp"

#include <caf/typed_event_based_actor.hpp>

namespace tidegate {

/// To the parent of the tests: do this, as one can only answer from inside.
struct act_now {
  std::function<void()> what;
};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::act_now)

using namespace tidegate;
namespace json = boost::json;
using namespace std::chrono_literals;

namespace {

/// What a parent is asked, in order.
struct asked {
  std::string what;
  identity_id id;
  std::string patch = {};

  bool operator==(const asked&) const = default;
};

using parent_actor = upstream_actor::extend<caf::reacts_to<act_now>>;

struct gateway : twin_node {
  edge_twins_actor subject;
  parent_actor parent;
  std::vector<asked> asks;
  std::optional<std::size_t> caught_up_after; ///< so many of them
  /// The parent's twins, and what it answers instead when that is not empty.
  std::map<identity_id, json::object> twins_above;
  caf::error failing;
  bool silent = false;
  std::vector<caf::typed_response_promise<twin_text>> unanswered;
  std::vector<caf::typed_response_promise<properties_reported>>
    unanswered_pushes;
  edge_twins_options options;

  gateway() { start(); }
  ~gateway() {
    stop();
    lose_parent();
  }

  void start() {
    subject
      = sys.spawn(edge_twins, edge_twins_context{on_disk, context(), options});
    run();
  }
  void stop() {
    caf::anon_send_exit(subject, caf::exit_reason::user_shutdown);
    run();
  }

  json::object& above(const identity_id& id) {
    auto& twin = twins_above[id];
    if (twin.empty())
      twin = json_of(R"({"desired":{"$version":1},
                         "reported":{"$version":1}})")
               .as_object();
    return twin;
  }

  parent_actor spawn_parent() {
    return sys.spawn(
      [this](parent_actor::pointer me) -> parent_actor::behavior_type {
        return {
          [this, me](const fetch_twin& wish) -> caf::result<twin_text> {
            asks.push_back({"fetch", wish.id});
            if (silent) {
              auto to = me->make_response_promise<twin_text>();
              unanswered.push_back(to);
              return to;
            }
            if (failing)
              return failing;
            return twin_text{std::make_shared<const std::string>(
              json::serialize(above(wish.id)))};
          },
          [this,
           me](const push_reported& wish) -> caf::result<properties_reported> {
            asks.push_back({"push", wish.id, *wish.patch});
            if (silent) {
              auto to = me->make_response_promise<properties_reported>();
              unanswered_pushes.push_back(to);
              return to;
            }
            if (failing)
              return failing;
            auto& reported = above(wish.id).at("reported").as_object();
            reported = twin::merge(std::move(reported),
                                   json::parse(*wish.patch).as_object(),
                                   twin::nulls::remove);
            return properties_reported{1};
          },
          [this](const follow_desired& wish) {
            asks.push_back({wish.wanted ? "follow" : "unfollow", wish.id});
            return desired_followed{};
          },
          [](const c2d_decided&) {},
          [this](twins_caught_up) { caught_up_after = asks.size(); },
          [](const act_now& wish) { wish.what(); },
        };
      });
  }

  void find_parent() {
    parent = spawn_parent();
    caf::anon_send(subject,
                   upstream_ready{caf::actor_cast<caf::actor>(parent)});
    run();
  }
  void lose_parent() {
    if (parent)
      caf::anon_send_exit(parent, caf::exit_reason::user_shutdown);
    parent = nullptr;
    run();
  }

  void say(const identity_id& id, const char* patch) {
    caf::anon_send(subject, upstream_desired{
                              id, std::make_shared<const std::string>(patch)});
    run();
  }

  void inside_parent(std::function<void()> what) {
    caf::anon_send(parent, act_now{std::move(what)});
    run();
  }

  std::size_t count(const std::string& what) const {
    return static_cast<std::size_t>(
      std::count_if(asks.begin(), asks.end(),
                    [&](const asked& one) { return one.what == what; }));
  }
  std::vector<std::string> pushes() const {
    std::vector<std::string> all;
    for (const auto& one : asks)
      if (one.what == "push")
        all.push_back(one.patch);
    return all;
  }
};

} // namespace

TEST_CASE_METHOD(gateway, "a twin can always be had", "[edge_twins]") {
  above(pump)["desired"] = {{"a", 1}, {"$version", 4}};
  SECTION("from the parent") {
    find_parent();
    CHECK(get(subject, pump) == json::value(above(pump)));
    SECTION("and, when that is gone, as it was then") {
      lose_parent();
      CHECK(get(subject, pump) == json::value(above(pump)));
      stop();
      start();
      CHECK(get(subject, pump) == json::value(above(pump)));
    }
    SECTION("and, when that fails, as it was then") {
      failing = ec::timed_out;
      CHECK(get(subject, pump) == json::value(above(pump)));
    }
  }
  SECTION("empty, when nothing is known of it") {
    CHECK(get(subject, pump) == json_of(R"({"desired":{},"reported":{}})"));
  }
}

TEST_CASE_METHOD(gateway, "clients that ask together share an answer",
                 "[edge_twins]") {
  find_parent();
  auto first = self->request(subject, 5s, get_twin{pump});
  auto second = self->request(subject, 5s, get_twin{pump});
  run();
  auto answers = 0;
  const auto good = [&](const twin_text&) { ++answers; };
  first.receive(good, [](const caf::error&) {});
  second.receive(good, [](const caf::error&) {});
  CHECK(answers == 2);
  CHECK(count("fetch") == 1);
}

TEST_CASE_METHOD(
  gateway,
  "a twin that was asked for on a connection that ended is asked "
  "for once more",
  "[edge_twins]") {
  const auto end_connection = [this] {
    inside_parent([this] {
      for (auto& one : std::exchange(unanswered, {}))
        one.deliver(caf::make_error(ec::io_failed, "cut"));
    });
    lose_parent();
  };
  above(pump)["desired"] = {{"a", 1}, {"$version", 4}};
  silent = true;
  find_parent();
  std::optional<std::string> got;
  auto pending = self->request(subject, caf::infinite, get_twin{pump});
  run();
  end_connection();
  REQUIRE(count("fetch") == 1);
  SECTION("on the next one") {
    silent = false;
    find_parent();
    CHECK(count("fetch") == 2);
    pending.receive([&](const twin_text& text) { got = *text.json; },
                    [](const caf::error&) {});
    CHECK(json_of(got->c_str()) == json::value(above(pump)));
  }
  SECTION("but not after that") {
    find_parent();
    CHECK(count("fetch") == 2);
    end_connection();
    pending.receive([&](const twin_text& text) { got = *text.json; },
                    [](const caf::error&) {});
    CHECK(json_of(got->c_str()) == json_of(R"({"desired":{},"reported":{}})"));
  }
  SECTION("nor when its time is over") {
    pass(20s);
    pending.receive([&](const twin_text& text) { got = *text.json; },
                    [](const caf::error&) {});
    CHECK(json_of(got->c_str()) == json_of(R"({"desired":{},"reported":{}})"));
    find_parent();
    CHECK(count("fetch") == 1);
  }
}

TEST_CASE_METHOD(gateway,
                 "a report is taken whether the parent is there or not",
                 "[edge_twins]") {
  REQUIRE(report(subject, pump, R"({"a":1})"));
  CHECK(get(subject, pump).at("reported") == json_of(R"({"a":1})"));
  CHECK(report(subject, pump, R"({"a b":1})").error() == ec::bad_argument);
  CHECK(report(subject, pump, "not json").error() == ec::malformed);
}

TEST_CASE_METHOD(gateway, "reports made offline go up as one", "[edge_twins]") {
  above(pump)["reported"] = {{"a", 1}, {"b", 1}};
  REQUIRE(report(subject, pump, R"({"a":2,"c":{"x":1}})"));
  REQUIRE(report(subject, pump, R"({"b":null,"c":{"y":2}})"));
  SECTION("when the parent is there") {}
  SECTION("even if the gateway was started again meanwhile") {
    stop();
    start();
  }
  find_parent();
  REQUIRE(pushes().size() == 1);
  CHECK(json::parse(pushes()[0])
        == json_of(R"({"a":2,"c":{"x":1,"y":2},"b":null})"));
  CHECK(above(pump).at("reported") == json_of(R"({"a":2,"c":{"x":1,"y":2}})"));
  lose_parent();
  find_parent();
  CHECK(pushes().size() == 1);
}

TEST_CASE_METHOD(gateway, "reports go up at most every five seconds",
                 "[edge_twins]") {
  find_parent();
  REQUIRE(report(subject, pump, R"({"a":1})"));
  CHECK(pushes().size() == 1);
  REQUIRE(report(subject, pump, R"({"a":2})"));
  REQUIRE(report(subject, pump, R"({"b":3})"));
  pass(4999ms);
  CHECK(pushes().size() == 1);
  pass(1ms);
  REQUIRE(pushes().size() == 2);
  CHECK(json::parse(pushes()[1]) == json_of(R"({"a":2,"b":3})"));
}

TEST_CASE_METHOD(gateway, "a report that the parent did not get is sent again",
                 "[edge_twins]") {
  find_parent();
  failing = ec::timed_out;
  REQUIRE(report(subject, pump, R"({"a":1})"));
  failing = {};
  SECTION("after a while") { pass(30s); }
  SECTION("when the parent is back") {
    lose_parent();
    find_parent();
  }
  CHECK(pushes().size() == 2);
  CHECK(above(pump).at("reported") == json_of(R"({"a":1,"$version":1})"));
  CHECK(get(subject, pump).at("reported") == above(pump).at("reported"));
}

TEST_CASE_METHOD(gateway, "what the parent will never take is given up",
                 "[edge_twins]") {
  find_parent();
  failing = ec::bad_argument;
  REQUIRE(report(subject, pump, R"({"a":1})"));
  failing = {};
  pass(60s);
  CHECK(pushes().size() == 1);
  CHECK(get(subject, pump).at("reported") == json_of(R"({"$version":1})"));
}

TEST_CASE_METHOD(gateway, "a report is routed as a message", "[edge_twins]") {
  board->publish(
    make_routes(R"({"up": "FROM /twinChangeNotifications INTO $upstream"})"));
  REQUIRE(report(subject, pump, R"({"a":1})"));
  CHECK(stored() == std::vector<std::string>{R"({"a":1})"});
  REQUIRE(report(subject, own, R"({"a":1})"));
  CHECK(stored().size() == 1);
}

TEST_CASE_METHOD(gateway, "desired properties come down", "[edge_twins]") {
  connect(pump, true);
  above(pump)["desired"] = {{"a", 1}, {"$version", 4}};
  SECTION("to a client whose twin is not cached, and are not kept") {
    find_parent();
    say(pump, R"({"a":2,"$version":5})");
    CHECK(told[pump] == std::vector{json_of(R"({"a":2,"$version":5})")});
    lose_parent();
    CHECK(get(subject, pump) == json_of(R"({"desired":{},"reported":{}})"));
  }
  SECTION("to one whose twin is cached, and are kept") {
    find_parent();
    get(subject, pump);
    say(pump, R"({"a":null,"b":1,"$version":5})");
    CHECK(told[pump]
          == std::vector{json_of(R"({"a":null,"b":1,"$version":5})")});
    lose_parent();
    CHECK(get(subject, pump).at("desired")
          == json_of(R"({"b":1,"$version":5})"));
  }
  SECTION("with a gap: what differs is found out") {
    find_parent();
    get(subject, pump);
    above(pump)["desired"] = {{"b", 1}, {"$version", 6}};
    say(pump, R"({"b":1,"$version":6})");
    CHECK(told[pump]
          == std::vector{json_of(R"({"a":null,"b":1,"$version":6})")});
  }
  SECTION("twice: the client is told once") {
    find_parent();
    get(subject, pump);
    say(pump, R"({"a":1,"$version":4})");
    CHECK(told[pump].empty());
    CHECK(count("fetch") == 2);
  }
  SECTION("with a gap that cannot be closed: nothing changes") {
    find_parent();
    get(subject, pump);
    failing = ec::timed_out;
    say(pump, R"({"b":1,"$version":6})");
    CHECK(told[pump].empty());
    failing = {};
    above(pump)["desired"] = {{"a", 1}, {"b", 1}, {"$version", 6}};
    pass(30s);
    CHECK(told[pump] == std::vector{json_of(R"({"b":1,"$version":6})")});
  }
}

TEST_CASE_METHOD(gateway, "what was changed unheard is found out",
                 "[edge_twins]") {
  connect(pump, true);
  above(pump)["desired"] = {{"a", 1}, {"$version", 4}};
  find_parent();
  SECTION("of a twin that is cached") {
    get(subject, pump);
    above(pump)["desired"] = {{"a", 2}, {"$version", 7}};
    caf::anon_send(subject, desired_missed{pump});
    run();
    CHECK(told[pump] == std::vector{json_of(R"({"a":2,"$version":7})")});
  }
  SECTION("but not of one that nobody has read") {
    caf::anon_send(subject, desired_missed{pump});
    run();
    CHECK(count("fetch") == 0);
  }
}

TEST_CASE_METHOD(gateway, "a patch that overtakes a twin is not lost",
                 "[edge_twins]") {
  connect(pump, true);
  above(pump)["desired"] = {{"a", 1}, {"$version", 4}};
  find_parent();
  get(subject, pump);
  silent = true;
  say(pump, R"({"b":1,"$version":6})");
  say(pump, R"({"c":1,"$version":7})");
  silent = false;
  // The answer was made before version 7.
  above(pump)["desired"] = {{"a", 1}, {"b", 1}, {"c", 1}, {"$version", 7}};
  inside_parent([this] {
    unanswered.at(0).deliver(twin_text{std::make_shared<const std::string>(
      R"({"desired":{"a":1,"b":1,"$version":6},"reported":{}})")});
  });
  CHECK(told[pump]
        == std::vector{json_of(R"({"b":1,"$version":6})"),
                       json_of(R"({"c":1,"$version":7})")});
}

TEST_CASE_METHOD(gateway, "what clients follow, the gateway follows",
                 "[edge_twins]") {
  find_parent();
  const auto session = connect(pump, true);
  CHECK(asks == std::vector<asked>{{"follow", pump}});
  caf::anon_send(clients, client_leave{pump, session});
  run();
  CHECK(asks.back() == asked{"unfollow", pump});
}

TEST_CASE_METHOD(gateway, "when the parent is back, all is brought in order",
                 "[edge_twins]") {
  connect(pump, true);
  find_parent();
  get(subject, pump);
  lose_parent();
  REQUIRE(report(subject, pump, R"({"r":1})"));
  above(pump)["desired"] = {{"a", 2}, {"$version", 9}};
  asks.clear();
  SECTION("at once, when the twin has become old") {
    now += 3min;
    find_parent();
    CHECK(asks
          == std::vector<asked>{
            {"follow", pump}, {"push", pump, R"({"r":1})"}, {"fetch", pump}});
    CHECK(caught_up_after == 3);
  }
  SECTION("at once, when it was read just now: its client follows it") {
    find_parent();
    CHECK(count("fetch") == 1);
  }
  SECTION("also when the clock was set back") {
    now -= 24h;
    find_parent();
    CHECK(count("fetch") == 1);
  }
  CHECK(told[pump] == std::vector{json_of(R"({"a":2,"$version":9})")});
  // And not again.
  const auto before = asks.size();
  now += 10min;
  pass(10min);
  CHECK(asks.size() == before);
}

TEST_CASE_METHOD(gateway,
                 "a young twin that nobody follows is read when it is older",
                 "[edge_twins]") {
  connect(pump, false);
  find_parent();
  get(subject, pump);
  lose_parent();
  asks.clear();
  find_parent();
  CHECK(count("fetch") == 0);
  now += 2min;
  pass(2min);
  CHECK(count("fetch") == 1);
}

TEST_CASE_METHOD(gateway, "catching up asks a few things at a time",
                 "[edge_twins]") {
  for (int i = 0; i < 50; ++i)
    REQUIRE(report(subject, {"pump-" + std::to_string(i), {}}, R"({"a":1})"));
  silent = true;
  find_parent();
  CHECK(pushes().size() == 20);
  inside_parent([this] {
    unanswered_pushes.at(0).deliver(properties_reported{1});
    unanswered_pushes.erase(unanswered_pushes.begin());
  });
  CHECK(pushes().size() == 21);
  CHECK_FALSE(caught_up_after);
  silent = false;
  inside_parent([this] {
    for (auto& one : unanswered_pushes)
      one.deliver(properties_reported{1});
  });
  CHECK(pushes().size() == 50);
  CHECK(caught_up_after == 50);
}

TEST_CASE_METHOD(gateway, "the node hears of its own twin from the beginning",
                 "[edge_twins]") {
  const auto session = spawn_session();
  caf::anon_send(subject,
                 clients_changed{{{own, session, {false, true, false}}}});
  above(own)["desired"] = {{"schemaVersion", "1.0"}, {"$version", 3}};
  find_parent();
  CHECK(told[own]
        == std::vector{json_of(R"({"schemaVersion":"1.0","$version":3})")});
  SECTION("and at once when the parent is back") {
    lose_parent();
    above(own)["desired"] = {{"schemaVersion", "1.1"}, {"$version", 4}};
    find_parent();
    CHECK(told[own].back()
          == json_of(R"({"schemaVersion":"1.1","$version":4})"));
  }
}

TEST_CASE_METHOD(gateway, "the twin of a removed identity is removed",
                 "[edge_twins]") {
  REQUIRE(report(subject, pump, R"({"a":1})"));
  caf::anon_send(subject, forget_twin{pump});
  run();
  CHECK(on_disk->get(pump).error() == ec::not_found);
  find_parent();
  CHECK(pushes().empty());
}

TEST_CASE_METHOD(gateway, "a twin that does not open is said and made anew",
                 "[twins]") {
  twin_store other{disk.db, std::make_shared<const seal>(std::string(32, 'x'))};
  REQUIRE_FALSE(other.write({{pump, json::object{{"a", 1}}}}));
  const auto unreadable = [this] {
    return meters->counter("tidegate_twins_unreadable_total", "").Value();
  };
  REQUIRE(report(subject, pump, R"({"a":2})"));
  CHECK(unreadable() == 1);
  CHECK(get(subject, pump).at("reported").at("a") == 2);
  CHECK(unreadable() == 1);
}
