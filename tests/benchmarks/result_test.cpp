#include "benchmarks/harness/bench/result.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

namespace {

using namespace tidegate::harness;

TEST_CASE("figures are shown in the unit a reader expects", "[harness]") {
  CHECK(readable({"", 1'153'000, unit::per_second}) == "1.15 M/s");
  CHECK(readable({"", 0.000'412, unit::seconds}) == "412 us");
  CHECK(readable({"", 19'188'940, unit::bytes}) == "18.3 MiB");
  CHECK(readable({"", 1'000'000, unit::number}) == "1000000");
  CHECK(readable({"", 0, unit::seconds}) == "0.00 ns");
}

TEST_CASE("the JSON of a result holds every figure and every fault",
          "[harness]") {
  bench_result result;
  result.add("lost", 3);
  result.add("rate", 2.5, unit::per_second);
  result.fault("3 messages were lost");
  const auto value = boost::json::parse(as_json(result));
  CHECK(value.at("lost").as_int64() == 3);
  CHECK(value.at("rate").as_double() == 2.5);
  CHECK(value.at("faults").at(0).as_string() == "3 messages were lost");
}

TEST_CASE("the table aligns its values and ends with the faults", "[harness]") {
  bench_result result;
  result.add("lost", 3);
  result.add("drain_seconds", 0.5, unit::seconds);
  result.fault("it broke");
  CHECK(as_table(result)
        == "lost              3\n"
           "drain        500 ms\n"
           "FAULT: it broke\n");
}

} // namespace
