#include "runtime/net/paho_broker.hpp"

#include "tiny_broker.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <catch2/catch.hpp>

#include <algorithm>
#include <optional>

using namespace tidegate;

namespace {

struct fixture {
  tiny_broker broker;
  caf::actor_system_config cfg;
  caf::actor_system sys{cfg};
  caf::scoped_actor self{sys};
  std::shared_ptr<broker_connector> subject = connector(broker.port());

  static std::shared_ptr<broker_connector> connector(std::uint16_t port) {
    broker_access access;
    access.host = "127.0.0.1";
    access.port = port;
    access.tls = false;
    access.client_id = "edge-1";
    return make_paho_connector(access);
  }

  /// The next event of this kind; others wait.
  template <class Event>
  std::optional<Event> next() {
    std::optional<Event> found;
    bool late = false;
    while (!found && !late)
      self->receive([&](const Event& event) { found = event; },
                    caf::after(std::chrono::seconds{20}) >>
                      [&] { late = true; });
    return found;
  }

  template <class Condition>
  static bool eventually(Condition holds) {
    const auto end
      = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!holds() && std::chrono::steady_clock::now() < end)
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    return holds();
  }

  std::unique_ptr<broker_connection> connect() {
    auto made = subject->connect(caf::actor_cast<caf::actor>(self));
    REQUIRE(next<broker_opened>());
    return made;
  }

  /// Numbers that are acknowledged, until there are `count`.
  std::vector<std::uint64_t> acknowledged(broker_connection& by,
                                          std::size_t count) {
    std::vector<std::uint64_t> all;
    while (all.size() < count && next<broker_acknowledged>())
      for (const auto number : by.take_acknowledged())
        all.push_back(number);
    return all;
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "what is published is acknowledged by its number",
                 "[net][io]") {
  const auto connection = connect();
  CHECK(broker.client_id() == "edge-1");
  constexpr std::uint64_t first = 1000;
  std::vector<std::uint64_t> numbers;
  std::vector<std::string> expected;
  for (std::uint64_t i = first; i < first + 500; ++i) {
    numbers.push_back(i);
    expected.push_back("t/1 payload " + std::to_string(i));
    REQUIRE(connection->publish(i, "t/1", "payload " + std::to_string(i))
            == "");
  }
  CHECK(acknowledged(*connection, numbers.size()) == numbers);
  CHECK(broker.published() == expected);
}

TEST_CASE_METHOD(fixture, "what is subscribed to arrives whole", "[net][io]") {
  broker.sends = std::string{"a\0b", 3};
  const auto connection = connect();
  connection->subscribe("c/#");
  const auto granted = next<broker_subscribed>();
  REQUIRE(granted);
  CHECK(granted->granted);
  const auto message = next<broker_message>();
  REQUIRE(message);
  CHECK(message->topic == "c/1");
  CHECK(message->payload == broker.sends);
  CHECK(broker.filters() == std::vector<std::string>{"c/#"});
}

TEST_CASE_METHOD(fixture,
                 "a connection that is cut says so; the next one starts anew",
                 "[net][io]") {
  broker.takes = 3;
  auto connection = connect();
  for (std::uint64_t i = 0; i < 4; ++i)
    connection->publish(i, "t/1", std::to_string(i));
  const auto end = next<broker_closed>();
  REQUIRE(end);
  CHECK(end->reason == "the connection to the broker was lost");
  connection = connect();
  broker.takes = -1;
  const auto before = broker.published().size();
  connection->publish(0, "t/1", "again");
  CHECK(acknowledged(*connection, 1) == std::vector<std::uint64_t>{0});
  // What the first connection had in flight is not this one's to send.
  CHECK(broker.published().size() == before + 1);
}

TEST_CASE_METHOD(fixture, "a connection may end with messages in flight",
                 "[net][io]") {
  // All are sent: Paho 1.3.12 never frees those that are not.
  constexpr std::size_t count = 50;
  for (std::size_t round = 1; round <= 4; ++round) {
    const auto connection = connect();
    broker.acknowledges = static_cast<int>(5 * (round - 1));
    for (std::uint64_t i = 0; i < count; ++i)
      REQUIRE(connection->publish(i, "t/1", std::string(1000, 'x')) == "");
    CHECK(acknowledged(*connection, 5 * (round - 1)).size() == 5 * (round - 1));
    REQUIRE(
      eventually([&] { return broker.published().size() == count * round; }));
  }
}

TEST_CASE_METHOD(fixture, "a broker that refuses says why", "[net][io]") {
  broker.answer.code = mqtt::connect_code::not_authorized;
  const auto connection = subject->connect(caf::actor_cast<caf::actor>(self));
  const auto end = next<broker_closed>();
  REQUIRE(end);
  CHECK_THAT(end->reason, Catch::Contains("not authorised"));
}

TEST_CASE_METHOD(fixture, "a broker that is not there is said to be away",
                 "[net][io]") {
  std::uint16_t nobody = 0;
  {
    const tiny_broker gone;
    nobody = gone.port();
  }
  const auto other = connector(nobody);
  const auto connection = other->connect(caf::actor_cast<caf::actor>(self));
  const auto end = next<broker_closed>();
  REQUIRE(end);
  CHECK_THAT(end->reason, Catch::StartsWith("the broker cannot be reached"));
}
