#include "actors/clients/sender_meters.hpp"
#include "actors/clients/session_context.hpp"
#include "actors/clients/transport.hpp"
#include "actors/metrics.hpp"
#include "actors/routing/route_meters.hpp"

#include <catch2/catch.hpp>
#include <prometheus/text_serializer.h>

using namespace tidegate;

namespace {

struct meters_fixture {
  std::shared_ptr<prometheus::Registry> registry
    = std::make_shared<prometheus::Registry>();
  metrics meters{registry, {}};

  prometheus::Counter& output(const std::string& id, const std::string& name) {
    return meters.counter("tidegate_test_total", "Test.",
                          {{"id", id}, {"route_output", name}});
  }

  std::string text() const {
    return prometheus::TextSerializer{}.Serialize(registry->Collect());
  }

  bool shows(const std::string& line) const {
    return text().find(line) != std::string::npos;
  }
};

} // namespace

TEST_CASE("edge hub metrics carry the common labels, others do not",
          "[metrics]") {
  auto registry = std::make_shared<prometheus::Registry>();
  metrics meters{registry, {{"iothub", "hub.local"}}};
  meters
    .counter("edgehub_messages_received_total", "Messages received.",
             {{"id", "leaf-9"}})
    .Increment();
  meters.gauge("tidegate_store_bytes", "Bytes in the store.").Set(5);
  const auto text = prometheus::TextSerializer{}.Serialize(registry->Collect());
  CHECK(text.find("edgehub_messages_received_total{iothub=\"hub.local\","
                  "id=\"leaf-9\"} 1")
        != std::string::npos);
  CHECK(text.find("tidegate_store_bytes 5") != std::string::npos);
}

TEST_CASE_METHOD(meters_fixture, "label sets past the limit share one series",
                 "[metrics]") {
  for (std::size_t i = 0; i < metrics::most_series; ++i)
    meters.counter("tidegate_test_total", "Test.", {{"id", std::to_string(i)}});
  auto& one = meters.counter("tidegate_test_total", "Test.", {{"id", "x"}});
  auto& other = meters.counter("tidegate_test_total", "Test.", {{"id", "y"}});
  CHECK(&one == &other);
  CHECK(shows("tidegate_test_total{id=\"other\"}"));
  CHECK(shows("tidegate_metric_series_refused_total{metric="
              "\"tidegate_test_total\"} 2"));
}

TEST_CASE_METHOD(meters_fixture, "there are fewer summaries, they are large",
                 "[metrics]") {
  const auto of = [this](const std::string& id) {
    return &meters.summary("tidegate_test_seconds", "Test.", {{"id", id}});
  };
  for (std::size_t i = 0; i < metrics::most_summaries; ++i)
    of(std::to_string(i));
  CHECK(of("x") == of("y"));
  CHECK(of("0") != of("1"));
}

TEST_CASE_METHOD(
  meters_fixture,
  "a client that names many outputs gets one series for the rest",
  "[metrics]") {
  for (std::size_t i = 0; i < metrics::most_of_one; ++i)
    output("greedy", std::to_string(i));
  CHECK_FALSE(shows("tidegate_metric_series_refused_total"));
  auto& first = output("greedy", "x");
  CHECK(&first == &output("greedy", "y"));
  CHECK(&first != &output("greedy", "0"));
  CHECK(shows("tidegate_test_total{id=\"greedy\",route_output=\"other\"}"));
  SECTION("and takes none from others") {
    CHECK(&output("modest", "x") != &output("modest", "y"));
  }
}

TEST_CASE_METHOD(meters_fixture, "a very long label value is not shown",
                 "[metrics]") {
  output("a", std::string(metrics::longest_value, 'x'));
  output("b", std::string(metrics::longest_value + 1, 'y'));
  CHECK(shows("xxx"));
  CHECK_FALSE(shows("yyy"));
  CHECK(shows("tidegate_test_total{id=\"b\",route_output=\"other\"}"));
}

TEST_CASE_METHOD(meters_fixture,
                 "a client that names outputs without end makes few series",
                 "[metrics]") {
  const std::shared_ptr<metrics> shared{&meters, [](metrics*) {}};
  sender_meters_cache senders{shared};
  route_meters route{shared, "iothub", "upstream", ""};
  for (int i = 0; i < 1000; ++i) {
    message_head head;
    head.sender = {"leaf", {}};
    head.system.push_back({"outputName", "output-" + std::to_string(i)});
    senders.of(head)->received->Increment();
    route.delivered(std::make_shared<const message_head>(head), 0, 1, {}, {});
  }
  const auto counted = [this](const std::string& name) {
    std::size_t series = 0;
    double sum = 0;
    for (const auto& family : registry->Collect())
      if (family.name == name)
        for (const auto& one : family.metric) {
          ++series;
          sum += one.counter.value;
        }
    CHECK(sum == 1000);
    return series;
  };
  CHECK(counted("edgehub_messages_received_total")
        == sender_meters_cache::most_outputs + 1);
  CHECK(counted("edgehub_messages_sent_total")
        == sender_meters_cache::most_outputs + 1);
  // They are found without asking for one that is refused each time.
  CHECK_FALSE(shows("tidegate_metric_series_refused_total{"));
}
