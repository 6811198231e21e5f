#include "modules/host_readings.hpp"
#include "modules/threshold.hpp"

#include <catch2/catch.hpp>

using namespace tidegate::module;

TEST_CASE("the sensor reads this machine", "[samples]") {
  host_readings readings;
  readings.take();
  const auto second = readings.take();
  REQUIRE(second.contains("memoryPercent"));
  const auto memory = second.at("memoryPercent").as_double();
  CHECK(memory > 0);
  CHECK(memory < 100);
  CHECK(second.contains("networkBytesPerSecond"));
}

TEST_CASE("the filter passes what crosses the threshold", "[samples]") {
  const threshold limit{"load", 2.5};
  CHECK(limit.crossed_by(R"({"load":3})"));
  CHECK_FALSE(limit.crossed_by(R"({"load":2.5})"));
  CHECK_FALSE(limit.crossed_by(R"({"load":"high"})"));
  CHECK_FALSE(limit.crossed_by(R"({"other":3})"));
  CHECK_FALSE(limit.crossed_by("nonsense"));
  CHECK(threshold{"*", 0}.crossed_by("anything"));
}
