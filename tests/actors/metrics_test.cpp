#include "actors/clients/session_context.hpp"
#include "actors/clients/transport.hpp"
#include "actors/metrics.hpp"

#include <catch2/catch.hpp>
#include <prometheus/text_serializer.h>

using namespace tidegate;

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

TEST_CASE("label sets past the limit share one series", "[metrics]") {
  auto registry = std::make_shared<prometheus::Registry>();
  metrics meters{registry, {}};
  for (std::size_t i = 0; i < metrics::most_series; ++i)
    meters.counter("tidegate_test_total", "Test.", {{"id", std::to_string(i)}});
  auto& one = meters.counter("tidegate_test_total", "Test.", {{"id", "x"}});
  auto& other = meters.counter("tidegate_test_total", "Test.", {{"id", "y"}});
  CHECK(&one == &other);
}
