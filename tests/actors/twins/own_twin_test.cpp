#include "actors/twins/own_twin.hpp"

#include "actors/twins/twin_node.hpp"
#include "messages/ec.hpp"
#include "messages/error_text.hpp"
#include "messages/twin/merge.hpp"

using namespace tidegate;
namespace json = boost::json;

namespace {

/// Twins that hold only the node's own, and a router that notes what it is
/// told.
struct node : twin_node {
  using twins_and_news = twins_actor::extend<caf::reacts_to<clients_changed>>;

  json::object desired;
  json::object reported;
  std::size_t reports = 0;
  twins_and_news twins_here = spawn_twins();
  std::size_t routes_set_count = 0;
  caf::error router_fails;
  router_actor router_here = spawn_own_router();
  std::vector<json::object> kept;
  caf::actor subject;
  own_twin_context with;

  node() {
    with.own = own;
    with.twins = twins_here;
    with.router = router_here;
    with.clients = clients;
    with.version = "1.2.3";
    with.now = [this] { return now; };
    with.read
      = [](const json::object& wish) -> caf::expected<tidegate::set_routes> {
      if (wish.contains("bad"))
        return caf::make_error(ec::bad_argument, "routes.r: column 3");
      return set_routes{};
    };
    with.keep = [this](const json::object& wish) {
      kept.push_back(wish);
      return caf::error{};
    };
  }
  ~node() {
    for (const auto& one : {subject, caf::actor_cast<caf::actor>(twins_here),
                            caf::actor_cast<caf::actor>(router_here)})
      if (one)
        caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
    run();
  }

  void start() {
    subject = sys.spawn(own_twin, with);
    run();
  }

  twins_and_news spawn_twins() {
    return sys.spawn([this](twins_and_news::pointer)
                       -> twins_and_news::behavior_type {
      return {
        [this](const get_twin&) {
          return twin_text{std::make_shared<const std::string>(json::serialize(
            json::object{{"desired", desired}, {"reported", json::object{}}}))};
        },
        [this](const report_properties& wish) {
          ++reports;
          reported = twin::merge(std::move(reported),
                                 json::parse(wish.patch.view).as_object(),
                                 twin::nulls::remove);
          return properties_reported{};
        },
        [](const clients_changed&) {},
      };
    });
  }

  router_actor spawn_own_router() {
    return sys.spawn(
      [this](router_actor::pointer) -> router_actor::behavior_type {
        return {
          [this](const set_routes&) -> caf::result<routes_set> {
            ++routes_set_count;
            if (router_fails)
              return router_fails;
            return routes_set{};
          },
          [](const route_up&) {},
          [](const target_ready&) {},
          [](const target_gone&) {},
          [](get_routes) { return std::vector<route_status>{}; },
        };
      });
  }

  void say(const char* patch) {
    caf::anon_send(
      subject,
      desired_changed{own, 1, std::make_shared<const std::string>(patch)});
    run();
  }

  json::value status() const { return reported.at("lastDesiredStatus"); }
};

const auto good = json::parse(R"({"code":200,"description":""})");

} // namespace

TEST_CASE_METHOD(node, "a node without a deployment goes on as it is",
                 "[own_twin]") {
  desired = {{"$version", 1}};
  start();
  CHECK(routes_set_count == 0);
  CHECK_FALSE(reported.contains("lastDesiredStatus"));
  CHECK(reported.at("version").at("version") == "1.2.3");
  CHECK(reported.at("schemaVersion") == "1.0");
}

TEST_CASE_METHOD(node, "a node routes as its twin says", "[own_twin]") {
  desired = {{"schemaVersion", "1.0"}, {"$version", 12}};
  start();
  CHECK(routes_set_count == 1);
  CHECK(kept == std::vector<json::object>{{{"schemaVersion", "1.0"}}});
  CHECK(status() == good);
  CHECK(reported.at("lastDesiredVersion") == 12);
  SECTION("and when it says something else") {
    say(R"({"routes":{},"$version":13})");
    CHECK(routes_set_count == 2);
    CHECK(
      kept.back()
      == json::object{{"schemaVersion", "1.0"}, {"routes", json::object{}}});
    CHECK(reported.at("lastDesiredVersion") == 13);
  }
  SECTION("and does not when that is wrong") {
    say(R"({"bad":1,"$version":13})");
    CHECK(routes_set_count == 1);
    CHECK(kept.size() == 1);
    CHECK(reported.at("lastDesiredVersion") == 13);
    CHECK(status() == json::parse(R"({"code":400,"description":
          "Error while parsing desired properties - routes.r: column 3"})"));
    say(R"({"bad":null,"$version":14})");
    CHECK(status() == good);
    CHECK(routes_set_count == 1);
  }
  SECTION("and only once") {
    const auto before = reports;
    pass(std::chrono::hours{3});
    CHECK(routes_set_count == 1);
    CHECK(reports == before);
  }
}

TEST_CASE_METHOD(node, "what was applied before a restart is not applied again",
                 "[own_twin]") {
  desired = {{"schemaVersion", "1.0"}, {"$version", 12}};
  with.applied = {{"schemaVersion", "1.0"}};
  start();
  CHECK(routes_set_count == 0);
  CHECK(status() == good);
}

TEST_CASE_METHOD(node, "a local configuration stays in force", "[own_twin]") {
  desired = {{"schemaVersion", "1.0"}, {"$version", 12}};
  with.read = nullptr;
  start();
  CHECK(routes_set_count == 0);
}

TEST_CASE_METHOD(node, "routes that cannot be set are reported", "[own_twin]") {
  desired = {{"schemaVersion", "1.0"}, {"$version", 12}};
  router_fails = ec::store_failed;
  start();
  CHECK(status().at("code") == 500);
}

TEST_CASE_METHOD(node, "a missed change is found within the hour",
                 "[own_twin]") {
  start();
  desired = {{"schemaVersion", "1.0"}, {"$version", 2}};
  pass(std::chrono::hours{1});
  CHECK(routes_set_count == 1);
}

TEST_CASE_METHOD(node, "a node reports who is connected", "[own_twin]") {
  const auto session = connect(pump, false);
  const identity_id filter{"edge-1", "filter"};
  const auto module = connect(filter, true);
  start();
  pass(with.clients_pause);
  CHECK(reported.at("clients").at("pump-7").at("status") == "Connected");
  caf::anon_send(clients, client_leave{pump, session});
  caf::anon_send(clients, client_leave{filter, module});
  run();
  pass(with.clients_pause);
  CHECK(reported.at("clients").as_object().size() == 1);
  CHECK(reported.at("clients").at("edge-1/filter").at("status")
        == "Disconnected");
}

TEST_CASE_METHOD(node, "what comes at the same time is reported together",
                 "[own_twin]") {
  start();
  CHECK(reports == 1);
  for (int i = 0; i < 8; ++i) {
    pass(with.clients_pause / 10);
    connect({"edge-1", "module-" + std::to_string(i)}, false);
  }
  pass(with.clients_pause);
  CHECK(reported.at("clients").as_object().size() == 8);
  CHECK(reports == 2);
}
