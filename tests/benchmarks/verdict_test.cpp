#include "benchmarks/harness/figures/stamp.hpp"
#include "benchmarks/harness/figures/verdict.hpp"
#include "benchmarks/harness/load/receiver.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck/catch.h>
#include <utility>

namespace {

using namespace tidegate::harness;

constexpr std::uint32_t run = 7;

/// What one receiver made of the payloads that came, of one sender.
arrivals received(const std::vector<std::uint64_t>& numbers) {
  load_figures figures;
  figures.published = 1000;
  receiver place{run, 1, figures};
  auto payload = blank_payload(0);
  for (const auto number : numbers) {
    write_stamp(payload.data() + stamp_offset, {run, 0, number, {}});
    place.take(payload);
  }
  return place.from_senders()[0];
}

struct sent {
  std::vector<std::uint64_t> numbers;
  sequence_set acknowledged;

  explicit sent(std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      numbers.push_back(i);
      acknowledged.insert(i);
    }
  }
};

load_verdict judged(const sent& all, const std::vector<std::uint64_t>& came) {
  load_verdict found;
  found.add(all.acknowledged, received(came));
  return found;
}

TEST_CASE("messages that came once and in order are no fault", "[harness]") {
  const sent all{100};
  CHECK(judged(all, all.numbers).faults().empty());
}

TEST_CASE("one dropped message is a fault, whichever it is", "[harness]") {
  rc::prop("any of 100", [] {
    const sent all{100};
    const auto gone = *rc::gen::inRange<std::ptrdiff_t>(0, 100);
    auto came = all.numbers;
    came.erase(came.begin() + gone);
    const auto found = judged(all, came);
    RC_ASSERT(found.lost == 1);
    RC_ASSERT(found.faults().size() == 1);
  });
}

TEST_CASE("two messages that changed places are a fault", "[harness]") {
  rc::prop("any neighbours of 100", [] {
    const sent all{100};
    const auto at = *rc::gen::inRange<std::size_t>(0, 99);
    auto came = all.numbers;
    std::swap(came[at], came[at + 1]);
    const auto found = judged(all, came);
    RC_ASSERT(found.out_of_order == 1);
    RC_ASSERT(found.lost == 0);
    RC_ASSERT(found.faults().size() == 1);
  });
}

TEST_CASE("a message that came twice is counted and no fault", "[harness]") {
  const sent all{100};
  auto came = all.numbers;
  came.insert(came.begin() + 50, 49);
  const auto found = judged(all, came);
  CHECK(found.duplicates == 1);
  CHECK(found.faults().empty());
}

TEST_CASE("what was never acknowledged may be missing", "[harness]") {
  sent all{100};
  all.numbers.push_back(100); // published, and lost with its connection
  CHECK(judged(all, sent{100}.numbers).faults().empty());
}

TEST_CASE("messages of another run do not stand in for lost ones",
          "[harness]") {
  load_figures figures;
  figures.published = 1;
  receiver place{run + 1, 1, figures};
  auto payload = blank_payload(0);
  write_stamp(payload.data() + stamp_offset, {run, 0, 0, {}});
  place.take(payload);
  load_verdict found;
  found.add(sent{1}.acknowledged, place.from_senders()[0]);
  CHECK(found.lost == 1);
  CHECK(place.foreign() == 1);
}

TEST_CASE("the messages that are lost or late are named", "[harness]") {
  const sent all{10};
  CHECK(lost_and_late("pump", all.acknowledged, received(all.numbers)) == "");
  CHECK(lost_and_late("pump", all.acknowledged, received({0, 1, 5, 6, 7, 3, 9}))
        == "pump: lost 2, 4, 8; late 3");
  CHECK(lost_and_late("pump", all.acknowledged, received({0, 9}))
        == "pump: lost 1-8");
}

} // namespace
