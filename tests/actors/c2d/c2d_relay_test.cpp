#include "actors/c2d/c2d_relay.hpp"
#include "actors/clients/registry.hpp"
#include "messages/ec.hpp"
#include "support/deterministic.hpp"
#include "support/node_context.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

const identity_id leaf{"leaf", ""};

struct fixture : deterministic {
  std::shared_ptr<metrics> meters = make_metrics();
  client_registry_actor clients = sys.spawn(
    client_registry, std::size_t{10}, [] { return std::int64_t{0}; }, meters);
  c2d_relay_actor relay = sys.spawn(c2d_relay, clients, meters);
  std::vector<deliver_c2d> delivered;
  std::vector<c2d_decided> passed_back;
  caf::actor parent = sys.spawn([this](caf::event_based_actor*) {
    return caf::behavior{
      [this](const c2d_decided& news) { passed_back.push_back(news); }};
  });
  caf::actor session = connect({false, false, true});

  fixture() {
    caf::anon_send(relay, upstream_ready{parent});
    run();
  }

  ~fixture() {
    for (const auto& handle :
         {caf::actor_cast<caf::actor>(clients),
          caf::actor_cast<caf::actor>(relay), parent, session})
      self->send_exit(handle, caf::exit_reason::user_shutdown);
    run();
  }

  caf::actor connect(client_wants wants) {
    const auto made = sys.spawn([this](caf::event_based_actor* me) {
      return caf::behavior{
        [me](const replaced&) { me->quit(); },
        [this](const deliver_c2d& wish) { delivered.push_back(wish); }};
    });
    REQUIRE(ask<client_joined>(clients, client_join{leaf, made, "mqtt", ""}));
    caf::anon_send(clients, client_subscribed{leaf, made, wants});
    run();
    return made;
  }

  void arrive(const std::string& token) {
    deliver_c2d news;
    news.target = leaf;
    news.message.head = std::make_shared<const message_head>();
    news.message.lock_token = token;
    news.message.enqueued = wall_time{100s};
    caf::anon_send(relay, news);
    run();
  }

  void decide(const std::string& token, c2d_outcome how) {
    caf::anon_send(relay, c2d_decided{leaf, token, how});
    run();
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "a gateway passes commands on and outcomes back",
                 "[c2d]") {
  arrive("t-1");
  REQUIRE(delivered.size() == 1);
  CHECK(delivered[0].message.lock_token == "t-1");
  CHECK(delivered[0].message.enqueued == wall_time{130s});
  decide("t-2", c2d_outcome::complete);
  CHECK(passed_back.empty());
  decide("t-1", c2d_outcome::reject);
  REQUIRE(passed_back.size() == 1);
  CHECK(passed_back[0].lock_token == "t-1");
  CHECK(passed_back[0].outcome == c2d_outcome::reject);
  decide("t-1", c2d_outcome::complete);
  CHECK(passed_back.size() == 1);
}

TEST_CASE_METHOD(fixture, "a command without a token of its own is ignored",
                 "[c2d]") {
  arrive("");
  CHECK(delivered.empty());
  arrive("t-1");
  arrive("t-1");
  CHECK(delivered.size() == 1);
  SECTION("until its outcome has come") {
    decide("t-1", c2d_outcome::abandon);
    arrive("t-1");
    CHECK(delivered.size() == 2);
  }
  SECTION("or its device has connected again") {
    const auto newer = connect({false, false, true});
    arrive("t-1");
    CHECK(delivered.size() == 2);
    self->send_exit(newer, caf::exit_reason::user_shutdown);
  }
  SECTION("or the parent was connected again, which knows no old token") {
    caf::anon_send(relay, upstream_ready{parent});
    decide("t-1", c2d_outcome::complete);
    CHECK(passed_back.empty());
    arrive("t-1");
    CHECK(delivered.size() == 2);
  }
  SECTION("or many have come after it") {
    for (std::size_t i = 0; i < most_relayed; ++i)
      arrive("u-" + std::to_string(i));
    arrive("t-1");
    CHECK(delivered.size() == most_relayed + 2);
  }
}

TEST_CASE_METHOD(fixture, "a device that wants no commands gets none",
                 "[c2d]") {
  caf::anon_send(clients,
                 client_subscribed{leaf, session, {true, true, false}});
  run();
  arrive("t-1");
  CHECK(delivered.empty());
  CHECK(passed_back.empty());
}

TEST_CASE_METHOD(fixture, "commands are not sent at a gateway", "[c2d]") {
  send_c2d wish;
  wish.target = leaf;
  wish.head = std::make_shared<const message_head>();
  CHECK(ask<c2d_queued>(relay, wish).error() == ec::refused);
}
