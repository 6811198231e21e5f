#include "actors/c2d/c2d_queues.hpp"
#include "actors/clients/registry.hpp"
#include "messages/ec.hpp"
#include "support/deterministic.hpp"
#include "support/lossy_disk.hpp"
#include "support/node_context.hpp"

#include <catch2/catch.hpp>
#include <rocksdb/env.h>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

const identity_id leaf{"leaf", ""};

/// The queues of a hub on a disk in memory.
struct fixture : deterministic {
  std::shared_ptr<lossy_disk> disk = std::make_shared<lossy_disk>();
  std::unique_ptr<rocksdb::Env> files = environment_on(disk);
  std::shared_ptr<metrics> meters = make_metrics();
  wall_time now{1'000'000s};
  client_registry_actor clients = sys.spawn(
    client_registry, std::size_t{10}, [] { return std::int64_t{0}; }, meters);
  std::shared_ptr<identity_store> identities;
  c2d_queues_actor queues;
  std::vector<deliver_c2d> delivered;
  caf::actor session;

  fixture() {
    start();
    create(leaf);
  }

  ~fixture() {
    stop();
    self->send_exit(clients, caf::exit_reason::user_shutdown);
    run();
  }

  void start() {
    auto db = database::open({"/store", durability::power,
                              std::uint64_t{1} << 30, false, files.get()});
    REQUIRE(db);
    identities = std::make_shared<identity_store>(
      *db, std::make_shared<const seal>(std::string(32, 'k')));
    auto store = c2d_store::open(*db);
    REQUIRE(store);
    c2d_queues_context context;
    context.store = std::move(*store);
    context.identities = identities;
    context.clients = clients;
    context.meters = meters;
    context.now = [this] { return now; };
    queues = sys.spawn(c2d_queues, context);
    run();
  }

  void stop() {
    disconnect();
    self->send_exit(queues, caf::exit_reason::user_shutdown);
    queues = nullptr;
    run();
    identities.reset();
  }

  void create(const identity_id& id) {
    identity made;
    made.id = id;
    REQUIRE(identities->create(made));
  }

  /// Connects `leaf`, which wants commands.
  void connect() {
    session = sys.spawn([this](caf::event_based_actor* me) {
      return caf::behavior{
        [me](const replaced&) { me->quit(); },
        [this](const deliver_c2d& wish) { delivered.push_back(wish); }};
    });
    REQUIRE(
      ask<client_joined>(clients, client_join{leaf, session, "mqtt", ""}));
    caf::anon_send(clients,
                   client_subscribed{leaf, session, {false, false, true}});
    run();
  }

  void disconnect() {
    if (session)
      self->send_exit(session, caf::exit_reason::kill);
    session = nullptr;
    run();
  }

  send_c2d wish_for(const std::string& text, c2d_ack ack = c2d_ack::none) {
    message_head head;
    head.system.push_back({"messageId", "id of " + text});
    head.user.push_back({"level", "3"});
    send_c2d wish;
    wish.target = leaf;
    wish.head = std::make_shared<const message_head>(head);
    wish.payload = own(text);
    wish.ack = ack;
    return wish;
  }

  void send(const std::string& text, c2d_ack ack = c2d_ack::none) {
    REQUIRE(ask<c2d_queued>(queues, wish_for(text, ack)));
  }

  void decide(std::size_t which, c2d_outcome how,
              const identity_id& by = leaf) {
    caf::anon_send(
      queues, c2d_decided{by, delivered.at(which).message.lock_token, how});
    run();
  }

  void wait(std::chrono::milliseconds time) {
    now += time;
    pass(time);
  }

  std::vector<std::string> texts() const {
    std::vector<std::string> all;
    for (const auto& one : delivered)
      all.emplace_back(one.message.payload.view);
    return all;
  }

  std::size_t waiting() {
    return ask<std::vector<c2d_waiting>>(queues, list_c2d{leaf})->size();
  }

  std::vector<c2d_feedback> feedback() {
    return *ask<std::vector<c2d_feedback>>(queues, get_c2d_feedback{10});
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "a command reaches its device", "[c2d]") {
  connect();
  send("one");
  REQUIRE(texts() == std::vector<std::string>{"one"});
  const auto& got = delivered[0].message;
  CHECK(delivered[0].target == leaf);
  CHECK(got.sequence == 1);
  CHECK(got.delivery_count == 0);
  CHECK(got.enqueued == now);
  CHECK(got.lock_token.size() == 36);
  CHECK(find_property(got.head->user, "level")->value == "3");
  CHECK(find_property(got.head->system, "to")->value
        == "/devices/leaf/messages/devicebound");
  CHECK(waiting() == 1);
  decide(0, c2d_outcome::complete, {"other", ""});
  CHECK(waiting() == 1);
  decide(0, c2d_outcome::complete);
  CHECK(waiting() == 0);
}

TEST_CASE_METHOD(fixture, "commands wait for their device, in order", "[c2d]") {
  send("one");
  send("two");
  SECTION("as long as the node runs") {}
  SECTION("and over its restart") {
    stop();
    start();
  }
  SECTION("and over a power cut") {
    disk->die_after(0);
    stop();
    std::mt19937_64 random{7};
    disk->lose_power(random);
    start();
  }
  connect();
  CHECK(texts() == std::vector<std::string>{"one", "two"});
  decide(0, c2d_outcome::complete);
  decide(1, c2d_outcome::complete);
  send("three");
  CHECK(delivered.at(2).message.sequence == 3);
}

TEST_CASE_METHOD(fixture, "a command that was not taken is sent again",
                 "[c2d]") {
  connect();
  send("one");
  SECTION("when the device abandons it") { decide(0, c2d_outcome::abandon); }
  SECTION("when the device is silent") { wait(60s); }
  SECTION("when the device comes back") {
    disconnect();
    connect();
  }
  REQUIRE(delivered.size() == 2);
  CHECK(delivered[1].message.delivery_count == 1);
  CHECK(delivered[1].message.lock_token != delivered[0].message.lock_token);
  decide(0, c2d_outcome::complete);
  CHECK(waiting() == 1);
  decide(1, c2d_outcome::complete);
  CHECK(waiting() == 0);
}

TEST_CASE_METHOD(fixture, "the tenth attempt is the last", "[c2d]") {
  connect();
  send("one", c2d_ack::negative);
  for (std::size_t i = 0; i < 10; ++i)
    decide(i, c2d_outcome::abandon);
  CHECK(delivered.size() == 10);
  CHECK(waiting() == 0);
  const auto told = feedback();
  REQUIRE(told.size() == 1);
  CHECK(told[0].fate == c2d_fate::delivery_count_exceeded);
  CHECK(told[0].of.message_id == "id of one");
}

TEST_CASE_METHOD(fixture, "delivery counts outlive the node", "[c2d]") {
  connect();
  send("one");
  disconnect();
  stop();
  start();
  connect();
  CHECK(delivered.back().message.delivery_count == 1);
}

TEST_CASE_METHOD(fixture, "senders hear what they asked to hear", "[c2d]") {
  connect();
  const auto heard = [this](c2d_ack ack, c2d_outcome how) {
    send("x", ack);
    decide(delivered.size() - 1, how);
    const auto told = feedback();
    std::vector<std::uint64_t> read;
    for (const auto& one : told)
      read.push_back(one.of.sequence);
    caf::anon_send(queues, forget_c2d_feedback{read});
    run();
    return told.empty() ? std::string{} : std::string{to_string(told[0].fate)};
  };
  CHECK(heard(c2d_ack::none, c2d_outcome::complete).empty());
  CHECK(heard(c2d_ack::positive, c2d_outcome::complete) == "Success");
  CHECK(heard(c2d_ack::positive, c2d_outcome::reject).empty());
  CHECK(heard(c2d_ack::negative, c2d_outcome::reject) == "Rejected");
  CHECK(heard(c2d_ack::negative, c2d_outcome::complete).empty());
  CHECK(heard(c2d_ack::full, c2d_outcome::complete) == "Success");
  CHECK(heard(c2d_ack::full, c2d_outcome::reject) == "Rejected");
  CHECK(feedback().empty());
}

TEST_CASE_METHOD(fixture, "a command expires while its device is away",
                 "[c2d]") {
  auto wish = wish_for("one", c2d_ack::full);
  wish.expires = now + 5s;
  REQUIRE(ask<c2d_queued>(queues, wish));
  wait(4s);
  CHECK(waiting() == 1);
  wait(1s);
  CHECK(waiting() == 0);
  connect();
  CHECK(delivered.empty());
  CHECK(feedback().at(0).fate == c2d_fate::expired);
}

TEST_CASE_METHOD(fixture, "a command that breaks a rule is refused", "[c2d]") {
  auto wish = wish_for("one");
  SECTION("for a device that is not known") {
    wish.target = {"nobody", ""};
    CHECK(ask<c2d_queued>(queues, wish).error() == ec::not_found);
    CHECK(ask<std::vector<c2d_waiting>>(queues, list_c2d{wish.target}).error()
          == ec::not_found);
    CHECK(ask<c2d_purged>(queues, purge_c2d{wish.target}).error()
          == ec::not_found);
  }
  SECTION("for a module") {
    wish.target = {"leaf", "m"};
    CHECK(ask<c2d_queued>(queues, wish).error() == ec::bad_argument);
  }
  SECTION("that is too large") {
    wish.payload = own(std::string(64 * 1024, 'x'));
    CHECK(ask<c2d_queued>(queues, wish).error() == ec::bad_argument);
  }
  SECTION("that has too many properties") {
    auto head = *wish.head;
    for (int i = 0; i < 513; ++i)
      head.user.push_back({"p" + std::to_string(i), "1"});
    wish.head = std::make_shared<const message_head>(head);
    CHECK(ask<c2d_queued>(queues, wish).error() == ec::bad_argument);
  }
  SECTION("whose properties fit no topic") {
    auto head = *wish.head;
    head.user.push_back({"long", std::string(40'000, ' ')});
    wish.head = std::make_shared<const message_head>(head);
    CHECK(ask<c2d_queued>(queues, wish).error() == ec::bad_argument);
  }
  SECTION("that has expired") {
    wish.expires = now;
    CHECK(ask<c2d_queued>(queues, wish).error() == ec::bad_argument);
  }
  SECTION("when 50 wait already") {
    for (int i = 0; i < 50; ++i)
      send(std::to_string(i));
    CHECK(ask<c2d_queued>(queues, wish).error() == ec::store_full);
    CHECK(waiting() == 50);
  }
}

TEST_CASE_METHOD(fixture, "several commands are on their way, not all",
                 "[c2d]") {
  for (int i = 0; i < 15; ++i)
    send(std::to_string(i));
  connect();
  CHECK(delivered.size() == 10);
  decide(3, c2d_outcome::complete);
  REQUIRE(delivered.size() == 11);
  CHECK(delivered[10].message.payload.view == "10");
}

TEST_CASE_METHOD(fixture, "a purged queue is empty, also on disk", "[c2d]") {
  send("one", c2d_ack::full);
  send("two");
  CHECK(ask<c2d_purged>(queues, purge_c2d{leaf})->count == 2);
  CHECK(ask<c2d_purged>(queues, purge_c2d{leaf})->count == 0);
  stop();
  start();
  CHECK(waiting() == 0);
  CHECK(feedback().at(0).fate == c2d_fate::purged);
}

TEST_CASE_METHOD(fixture, "a removed device takes its commands along",
                 "[c2d]") {
  send("one");
  REQUIRE_FALSE(identities->remove(leaf));
  SECTION("at once, when it is made anew") {
    create(leaf);
    CHECK(waiting() == 0);
    connect();
    CHECK(delivered.empty());
  }
  SECTION("in a minute, from the disk") {
    wait(60s);
    create(leaf);
    stop();
    start();
    CHECK(waiting() == 0);
  }
}
