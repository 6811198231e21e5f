#include "benchmarks/harness/chaos/fault.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <rapidcheck/catch.h>
#include <set>

namespace {

using namespace tidegate::harness;

TEST_CASE("a plan of faults is decided by its seed alone", "[harness]") {
  CHECK(plan_faults(7, 50) == plan_faults(7, 50));
  CHECK(plan_faults(7, 50) != plan_faults(8, 50));
}

TEST_CASE("a longer plan begins as the shorter one of the same seed",
          "[harness]") {
  const auto brief = plan_faults(7, 20);
  const auto lengthy = plan_faults(7, 200);
  CHECK(std::equal(brief.begin(), brief.end(), lengthy.begin()));
}

TEST_CASE("a plan holds exactly the kills that were asked for", "[harness]") {
  rc::prop("for every seed", [](std::uint64_t seed) {
    const auto kills = *rc::gen::inRange<std::size_t>(0, 60);
    const auto plan = plan_faults(seed, kills);
    RC_ASSERT(static_cast<std::size_t>(std::count_if(
                plan.begin(), plan.end(),
                [](const fault& one) { return is_kill(one.kind); }))
              == kills);
  });
}

TEST_CASE("every kind of fault comes once before any comes twice",
          "[harness]") {
  rc::prop("for every seed", [](std::uint64_t seed) {
    const auto plan = plan_faults(seed, 10);
    RC_ASSERT(plan.size() >= fault_kinds);
    std::set<fault_kind> first;
    for (std::size_t i = 0; i < fault_kinds; ++i)
      first.insert(plan[i].kind);
    RC_ASSERT(first.size() == fault_kinds);
  });
}

TEST_CASE("what cannot be done is left out, and no kill is missing",
          "[harness]") {
  rc::prop("for every seed", [](std::uint64_t seed) {
    std::size_t kills = 0;
    for (const auto& one :
         plan_faults(seed, 30, possible_faults(false, false))) {
      RC_ASSERT(!needs_module(one.kind));
      RC_ASSERT(!needs_machine(one.kind));
      kills += is_kill(one.kind) ? 1 : 0;
    }
    RC_ASSERT(kills == 30u);
  });
}

} // namespace
