#include "messages/iothub/event_selector.hpp"
#include "messages/iothub/service_address.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;

TEST_CASE("the links of services are known by their addresses", "[service]") {
  using enum service_resource;
  const auto is = [](std::string_view text) -> std::optional<service_resource> {
    const auto found = parse_service_address(text);
    return found ? std::optional{found->resource} : std::nullopt;
  };
  CHECK(is("/messages/devicebound") == commands);
  CHECK(is("amqps://hub.example.com/messages/deviceBound") == commands);
  CHECK(is("/messages/serviceBound/feedback") == feedback);
  CHECK(is("$management") == management);
  CHECK(is("hub/$management") == management);
  CHECK(is("hub/ConsumerGroups/$Default/Partitions/0") == events);
  CHECK(is("messages/events/ConsumerGroups/a/Partitions/0") == events);
  for (const auto* const other :
       {"", "/", "$cbs", "/devices/a/messages/devicebound",
        "/devices/a/messages/events", "messages/events", "hub",
        "hub/ConsumerGroups//Partitions/0", "ConsumerGroups/a/Partitions/0",
        "hub/ConsumerGroups/a/Partitions/", "hub/ConsumerGroups/a"})
    CHECK_FALSE(is(other));
}

TEST_CASE("the address of a partition names log and group", "[service]") {
  const auto found
    = parse_service_address("Hub/consumergroups/$Default/partitions/7");
  REQUIRE(found);
  CHECK(found->entity == "Hub");
  CHECK(found->group == "$Default");
  CHECK(found->partition == "7");
  CHECK(found->path == "/Hub/consumergroups/$Default/partitions/7");
}

TEST_CASE("readers of events say where they begin", "[service]") {
  using kind = event_position::kind;
  const auto behind = [](std::int64_t number) {
    return event_position{kind::after_number, number};
  };
  const auto read = parse_event_selector;
  CHECK(read("") == behind(-1));
  CHECK(read("amqp.annotation.x-opt-offset > '-1'") == behind(-1));
  CHECK(read("amqp.annotation.x-opt-offset > '12'") == behind(12));
  CHECK(read("amqp.annotation.x-opt-offset >= '12'") == behind(11));
  CHECK(read("amqp.annotation.x-opt-offset >= '0'") == behind(-1));
  CHECK(read("amqp.annotation.x-opt-offset >= '-9223372036854775808'")
        == behind(-1));
  CHECK(read("amqp.annotation.x-opt-sequence-number > 7") == behind(7));
  CHECK(read(" amqp.annotation.x-opt-enqueued-time  >  '1767323045000' ")
        == event_position{kind::after_time, 1'767'323'045'000});
  for (const auto* const latest : {"amqp.annotation.x-opt-offset > '@latest'",
                                   "amqp.annotation.x-opt-offset >= '@latest'"})
    CHECK(read(latest)->is == kind::end);
  for (const auto* const other :
       {"x", "amqp.annotation.x-opt-offset", "amqp.annotation.x-opt-offset > ",
        "amqp.annotation.x-opt-offset < '1'",
        "amqp.annotation.x-opt-offset > '1", "amqp.annotation.x-opt-key > '1'",
        "amqp.annotation.x-opt-offset > '1' OR 1",
        "amqp.annotation.x-opt-enqueued-time > '@latest'",
        "amqp.annotation.x-opt-offset > '99999999999999999999'"})
    CHECK_FALSE(read(other));
}
