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

  caf::expected<client_joined> join(const caf::actor& by, identity_id id) {
    auto answer
      = ask<client_joined>(clients, client_join{std::move(id), by, "mqtt", ""});
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
