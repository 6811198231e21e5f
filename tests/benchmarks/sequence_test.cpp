#include "benchmarks/harness/figures/arrivals.hpp"
#include "benchmarks/harness/figures/stamp.hpp"
#include "benchmarks/harness/net/in_flight.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck/catch.h>
#include <set>

namespace {

using namespace tidegate::harness;

TEST_CASE("a sequence set says what another one lacks", "[harness]") {
  sequence_set acknowledged, seen;
  for (std::uint64_t i = 0; i < 1000; ++i)
    acknowledged.insert(i);
  for (std::uint64_t i = 0; i < 900; ++i)
    if (i != 7 && i != 640)
      seen.insert(i);
  CHECK(acknowledged.missing_from(seen) == 102);
  CHECK(acknowledged.first_missing_from(seen, 3)
        == std::vector<std::uint64_t>{7, 640, 900});
  CHECK(seen.missing_from(acknowledged) == 0);
}

TEST_CASE("a sequence set behaves as a set", "[harness]") {
  rc::prop("against std::set", [](const std::vector<std::uint16_t>& numbers) {
    sequence_set found;
    std::set<std::uint64_t> expected;
    for (const auto number : numbers)
      RC_ASSERT(found.insert(number) == expected.insert(number).second);
    RC_ASSERT(found.size() == expected.size());
    for (const auto number : numbers)
      RC_ASSERT(found.contains(number));
  });
}

TEST_CASE("arrivals tell duplicates from disorder", "[harness]") {
  arrivals from;
  SECTION("a resent run is only duplicates") {
    for (const std::uint64_t i : {0u, 1u, 2u, 1u, 2u, 3u})
      from.add(i);
    CHECK(from.duplicates() == 2);
    CHECK(from.out_of_order() == 0);
  }
  SECTION("a first arrival behind a later message is out of order") {
    for (const std::uint64_t i : {0u, 2u, 1u, 3u})
      from.add(i);
    CHECK(from.duplicates() == 0);
    CHECK(from.out_of_order() == 1);
  }
  SECTION("a gap alone is neither") {
    for (const std::uint64_t i : {0u, 5u})
      from.add(i);
    CHECK(from.out_of_order() == 0);
    CHECK(from.seen().size() == 2);
  }
}

TEST_CASE("a stamp survives its payload", "[harness]") {
  rc::prop("written and read", [](std::uint32_t run, std::uint32_t sender,
                                  std::uint64_t sequence) {
    const stamp what{run, sender, sequence, stamp_clock()};
    auto payload = blank_payload(*rc::gen::inRange<std::size_t>(0, 300));
    write_stamp(payload.data() + stamp_offset, what);
    RC_ASSERT(read_stamp(payload) == what);
    RC_ASSERT(read_stamp("{\"temp\": 21, \"bench\": "
                         + payload.substr(stamp_offset - 1))
              == what);
  });
}

TEST_CASE("a payload without a stamp is recognised as such", "[harness]") {
  CHECK_FALSE(read_stamp(""));
  CHECK_FALSE(read_stamp("{\"bench\":"));
  CHECK_FALSE(read_stamp("{\"bench\":\"12"));
  CHECK_FALSE(read_stamp("{\"bench\":\"" + std::string(48, 'x') + "\"}"));
  rc::prop("any text", [](const std::string& text) { read_stamp(text); });
}

TEST_CASE("packet identifiers tell the messages of a window apart",
          "[harness]") {
  const auto window = GENERATE(as<std::uint16_t>{}, 1, 7, 50, 1000, 65535);
  in_flight sent{window};
  std::uint64_t sequence = 65'000; // soon past the last identifier
  for (int round = 0; round < 3; ++round) {
    std::vector<std::uint16_t> ids;
    for (int i = 0; i < window; ++i)
      ids.push_back(sent.add(sequence + static_cast<std::uint64_t>(i)).value());
    CHECK_FALSE(sent.add(sequence + window));
    CHECK(std::set<int>(ids.begin(), ids.end()).size() == window);
    for (const auto id : ids)
      CHECK(sent.take(id) == sequence++);
    CHECK_FALSE(sent.take(ids.front()));
    CHECK_FALSE(sent.take(0));
  }
}

} // namespace
