#include "messages/limits/message_rule.hpp"

#include "messages/amqp/head_mapping.hpp"
#include "messages/iothub/telemetry_head.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>
#include <rapidcheck/catch.h>

using namespace tidegate;

namespace {

const identity_id leaf{"leaf-9", ""};
const identity_id pump{"edge-1", "pump"};

std::vector<property> many(std::size_t count) {
  std::vector<property> all;
  for (std::size_t i = 0; i < count; ++i)
    all.push_back({"p" + std::to_string(i), "1"});
  return all;
}

head_ptr over_mqtt(std::vector<property> bag, const identity_id& from = leaf) {
  telemetry_facts facts;
  facts.bag = std::move(bag);
  return make_head(from, std::move(facts));
}

/// The head as the next node up reads it; null when it does not.
head_ptr one_level_up(const message_head& head) {
  std::string encoded;
  amqp::write_upstream_head(encoded, head);
  amqp::write_data_header(encoded, 0);
  amqp::message_sections sections;
  std::string why;
  if (!amqp::split_sections(encoded, sections, why))
    return nullptr;
  return amqp::read_head(sections, head.sender, {}, why);
}

std::shared_ptr<const broker_language> language(bool envelope = false) {
  std::string why;
  auto made = std::make_shared<broker_language>();
  made->edge = "edge-1";
  made->telemetry = topic_template::parse("sites/{edge}/{device}/telemetry",
                                          telemetry_places, why)
                      .value();
  made->envelope = envelope;
  return made;
}

constexpr message_way up{true, false};
constexpr message_way to_modules{false, true};

} // namespace

TEST_CASE("what a node takes, every node above it takes", "[limits]") {
  const auto bags = std::vector<std::vector<property>>{
    {},
    many(amqp::most_properties),
    {{"ack", "full"}},
    {{"ack", "full"}, {"iothub-ack", "none"}},
    {{"$.exp", "2026-01-02T03:04:05Z"}},
    {{"$.exp", "2026-01-02T03:04:05.1+01:00"}},
    {{"$.exp", "no time"}},
    {{"$.exp", std::nullopt}},
    {{"$.mid", "7"}, {"$.cid", ""}, {"$.uid", "\xc3\xbc"}, {"$.to", "x"}},
    {{"$.ct", "application/json"}, {"$.ce", "utf-8"}, {"$.ifid", "i"}},
    {{"$.on", "vib"}, {"$.schema", "s"}, {"$.ctime", "t"}, {"$.sub", "dt"}},
    {{"iothub-operation", "o"}, {"iothub-creation-time-utc", "t"}},
    {{"mqtt-qos", "0"}, {"empty", std::nullopt}, {"connectionDeviceId", "x"}}};
  for (const auto& bag : bags)
    for (const auto& from : {leaf, pump}) {
      auto head = over_mqtt(bag, from);
      const auto accepted = measure(*head);
      REQUIRE(accepted.fault == message_fault::none);
      for (int level = 0; level < 8; ++level) {
        head = one_level_up(*head);
        REQUIRE(head);
        const auto above = measure(*head);
        CHECK(above.properties_size <= accepted.properties_size);
        CHECK(above.fault == message_fault::none);
      }
    }
}

TEST_CASE("no property of any name grows on its way up", "[limits]") {
  rc::prop("level by level", [](const std::map<std::string, std::string>& all) {
    std::vector<property> bag;
    for (const auto& [name, value] : all)
      bag.push_back({name, value});
    auto head = over_mqtt(bag);
    for (int level = 0; level < 3; ++level) {
      const auto above = one_level_up(*head);
      RC_ASSERT(above != nullptr);
      RC_ASSERT(properties_size(*above) <= properties_size(*head));
      RC_ASSERT(amqp::application_properties(*above)
                <= amqp::application_properties(*head));
      head = above;
    }
  });
}

TEST_CASE("a message has a largest size, properties included", "[limits]") {
  const auto head = measure(*over_mqtt({{"k", "v"}}));
  const message_limits limits;
  const auto room = limits.message_size - head.properties_size;
  CHECK(fault_of(head, room, limits) == message_fault::none);
  CHECK(fault_of(head, room + 1, limits) == message_fault::too_large);
}

TEST_CASE("a message has so many properties and no more", "[limits]") {
  auto bag = many(amqp::most_properties);
  SECTION("those that have a place of their own do not count") {
    bag.push_back({"$.mid", "7"});
    bag.push_back({"$.ct", "text"});
    CHECK(fault_of(measure(*over_mqtt(bag)), 0, {}) == message_fault::none);
  }
  SECTION("those that travel among the others do") {
    bag.push_back({"$.on", "vib"});
    CHECK(fault_of(measure(*over_mqtt(bag)), 0, {})
          == message_fault::too_many_properties);
  }
  SECTION("as does the acknowledgement that is wanted") {
    bag.push_back({"ack", "full"});
    CHECK(fault_of(measure(*over_mqtt(bag)), 0, {})
          == message_fault::too_many_properties);
  }
}

TEST_CASE("properties that no topic can hold go where none is needed",
          "[limits]") {
  const auto head = over_mqtt({{"long", std::string(66'000, 'x')}});
  const auto known = measure(*head);
  CHECK(fault_of(known, 0, {}) == message_fault::none);
  CHECK(may_not_fit(known, 0, {}));
  CHECK(fault_on_way(head, {}, up, {}) == message_fault::none);
  CHECK(fault_on_way(head, {}, to_modules, {})
        == message_fault::topic_too_long);
  SECTION("and what may become longer in a topic is looked at in full") {
    const auto plain = over_mqtt({{"long", std::string(60'000, 'x')}});
    const auto spaces = over_mqtt({{"long", std::string(60'000, ' ')}});
    CHECK(may_not_fit(measure(*plain), 0, {}));
    CHECK(fault_on_way(plain, {}, to_modules, {}) == message_fault::none);
    CHECK(fault_on_way(spaces, {}, to_modules, {})
          == message_fault::topic_too_long);
  }
}

TEST_CASE("a broker as the parent sets limits too", "[limits]") {
  message_limits limits;
  limits.broker = broker_limits{language(), 1000};
  const auto small = over_mqtt({{"k", "v"}});
  const auto topic
    = std::string_view{"sites/edge-1/leaf-9/telemetry/k=v"}.size();
  const std::string fits(1000 - topic, 'x');
  CHECK(may_not_fit(measure(*small), fits.size(), limits));
  CHECK(fault_on_way(small, fits, up, limits) == message_fault::none);
  CHECK(fault_on_way(small, fits + "x", up, limits)
        == message_fault::too_large_for_broker);
  CHECK(fault_on_way(small, fits + "x", to_modules, limits)
        == message_fault::none);
  SECTION("a topic that holds the properties") {
    limits.broker->message_size = 268'435'455;
    const auto head = over_mqtt({{"long", std::string(66'000, 'x')}});
    CHECK(may_not_fit(measure(*head), 0, limits));
    CHECK(fault_on_way(head, {}, up, limits) == message_fault::topic_too_long);
    limits.broker->language = language(true);
    CHECK(fault_on_way(head, {}, up, limits) == message_fault::none);
  }
  SECTION("the size of an envelope, not of what is in it") {
    limits.broker->language = language(true);
    CHECK(fault_on_way(small, std::string(600, 'x'), up, limits)
          == message_fault::none);
    CHECK(fault_on_way(small, std::string(600, '\x01'), up, limits)
          == message_fault::too_large_for_broker);
  }
}

TEST_CASE("a message for a device fits a topic, too", "[limits]") {
  constexpr std::size_t most = 65'536;
  const auto fault = [](std::vector<property> bag, std::size_t payload) {
    message_head head;
    head.user = std::move(bag);
    return c2d_fault_of(head, payload, most);
  };
  CHECK(fault({{"k", "v"}}, most - 2) == message_fault::none);
  CHECK(fault({{"k", "v"}}, most - 1) == message_fault::too_large);
  CHECK(fault(many(amqp::most_properties), 0) == message_fault::none);
  CHECK(fault(many(amqp::most_properties + 1), 0)
        == message_fault::too_many_properties);
  CHECK(fault({{"k", std::string(60'000, 'x')}}, 0) == message_fault::none);
  CHECK(fault({{"k", std::string(60'000, ' ')}}, 0)
        == message_fault::topic_too_long);
}

TEST_CASE("a refusal says what is wrong, with figures", "[limits]") {
  const auto head = over_mqtt(many(600));
  CHECK(fault_text(message_fault::too_many_properties, *head, 5, 100)
        == "a message has 600 properties, more than 512");
  CHECK(fault_text(message_fault::too_large, *over_mqtt({}), 90, 100)
        == "a message has 24 bytes of properties and 90 of payload, together "
           "more than 100");
}
