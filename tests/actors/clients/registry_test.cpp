#include "actors/clients/registry.hpp"
#include "messages/ec.hpp"
#include "support/deterministic.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;

namespace {

struct fixture : deterministic {
  std::shared_ptr<prometheus::Registry> series
    = std::make_shared<prometheus::Registry>();
  client_registry_actor clients = sys.spawn(
    client_registry, std::size_t{2}, [] { return std::int64_t{5}; },
    std::make_shared<metrics>(series, prometheus::Labels{}));
  std::vector<identity_id> replaced_ids;

  ~fixture() { self->send_exit(clients, caf::exit_reason::user_shutdown); }

  caf::actor session() {
    return sys.spawn([this](caf::event_based_actor*) -> caf::behavior {
      return {
        [this](const replaced& news) { replaced_ids.push_back(news.id); }};
    });
  }

  caf::expected<client_joined> join(const caf::actor& by, identity_id id,
                                    bool through_gateway = false) {
    auto answer = ask<client_joined>(
      clients, client_join{std::move(id), by, "mqtt", "", {}, through_gateway});
    run();
    return answer;
  }

  bool connected(identity_id id) {
    return *ask<bool>(clients, is_connected{std::move(id)});
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "the newest connection of an identity wins",
                 "[clients]") {
  const auto older = session();
  const auto newer = session();
  CHECK(join(older, {"leaf", ""}));
  CHECK(join(newer, {"leaf", ""}));
  CHECK(replaced_ids == std::vector<identity_id>{{"leaf", ""}});
  SECTION("and the older one's goodbye does not disconnect it") {
    self->send(clients, client_leave{{"leaf", ""}, older});
    run();
    CHECK(connected({"leaf", ""}));
  }
}

TEST_CASE_METHOD(fixture, "devices past the limit are refused, modules not",
                 "[clients]") {
  const auto one = session();
  CHECK(join(one, {"a", ""}));
  CHECK(join(one, {"b", ""}));
  const auto refused = join(one, {"c", ""});
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == ec::refused);
  CHECK(join(one, {"edge", "filter"}));
}

TEST_CASE_METHOD(fixture,
                 "clients of a gateway take no place of a device that "
                 "connects itself",
                 "[clients]") {
  const auto gateway = session();
  for (const auto* device : {"x", "y", "z"})
    CHECK(join(gateway, {device, ""}, true));
  const auto one = session();
  CHECK(join(one, {"a", ""}));
  CHECK(join(one, {"b", ""}));
  SECTION("not even one that was one") {
    CHECK_FALSE(join(one, {"x", ""}));
    CHECK(connected({"x", ""}));
    CHECK(replaced_ids.empty());
  }
  SECTION("and frees it when it goes over to a gateway") {
    CHECK(join(gateway, {"a", ""}, true));
    CHECK(join(one, {"c", ""}));
    CHECK_FALSE(join(one, {"d", ""}));
  }
}

TEST_CASE_METHOD(fixture, "a dead session frees every identity it spoke for",
                 "[clients]") {
  const auto one = session();
  CHECK(join(one, {"a", ""}));
  CHECK(join(one, {"b", ""}));
  self->send_exit(one, caf::exit_reason::kill);
  run();
  CHECK_FALSE(connected({"a", ""}));
  CHECK(join(session(), {"c", ""}));
}

TEST_CASE_METHOD(fixture, "whoever watches clients hears who is there and why",
                 "[clients]") {
  std::vector<client_presence> heard;
  const auto watcher
    = sys.spawn([&heard](caf::event_based_actor*) -> caf::behavior {
        return {[&heard](const clients_changed& news) {
          heard.insert(heard.end(), news.now.begin(), news.now.end());
        }};
      });
  const auto one = session();
  const identity_id leaf{"leaf", ""};
  CHECK(join(one, leaf));
  self->send(clients, watch_clients{watcher});
  run();
  REQUIRE(heard.size() == 1);
  CHECK(heard[0].session == one);
  heard.clear();

  SECTION("what a client wants") {
    const client_wants methods{true, false, false};
    self->send(clients, client_subscribed{leaf, one, methods});
    self->send(clients, client_subscribed{leaf, one, methods});
    run();
    REQUIRE(heard.size() == 1);
    CHECK(heard[0].wants == methods);
  }
  SECTION("but not from a session that speaks for somebody else") {
    self->send(clients, client_subscribed{leaf, session(), {true, true, true}});
    run();
    CHECK(heard.empty());
  }
  SECTION("that a new connection wants nothing yet") {
    self->send(clients, client_subscribed{leaf, one, {true, true, true}});
    const auto newer = session();
    CHECK(join(newer, leaf));
    CHECK(heard.back().session == newer);
    CHECK(heard.back().wants == client_wants{});
  }
  SECTION("that a client has gone") {
    self->send_exit(one, caf::exit_reason::kill);
    run();
    REQUIRE(heard.size() == 1);
    CHECK(heard[0].session == nullptr);
  }
  self->send_exit(watcher, caf::exit_reason::user_shutdown);
  run();
}
