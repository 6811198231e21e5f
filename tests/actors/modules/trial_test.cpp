#include "actors/modules/trial.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using namespace std::chrono_literals;

TEST_CASE("the grace of a changed module", "[modules]") {
  deployment::module_spec spec;
  CHECK_FALSE(trial_grace(spec, {}));
  CHECK_FALSE(trial_grace(spec, 0ms));
  CHECK(trial_grace(spec, 60s) == 60s);
  SECTION("is its own label's, if it has one") {
    spec.rollback = 5s;
    CHECK(trial_grace(spec, {}) == 5s);
    spec.rollback = 0s;
    CHECK_FALSE(trial_grace(spec, 60s));
  }
  SECTION("leaves its health check the time to answer") {
    spec.process.health.emplace();
    spec.process.health->start_period = 100s;
    CHECK(trial_grace(spec, 60s) == 160s);
  }
}

TEST_CASE("a changed module passes when it works", "[modules]") {
  deployment::module_spec spec;
  const auto passes
    = [&](trial_view view) { return trial_problem(spec, view, 60s).empty(); };
  SECTION("without a health check, by staying up for a while") {
    CHECK(passes({true, 10s, {}, false}));
    CHECK_FALSE(passes({true, 9999ms, {}, false}));
    CHECK_FALSE(passes({false, 0ms, {}, false}));
    CHECK(trial_problem(spec, {true, 1s, {}, false}, 2s).empty());
  }
  SECTION("with one, by its last answer") {
    spec.process.health.emplace();
    CHECK(passes({true, 1s, true, false}));
    CHECK_FALSE(passes({true, 60s, false, false}));
    CHECK_FALSE(passes({true, 60s, {}, false}));
  }
  SECTION("by an end that was all it had to do") {
    CHECK(passes({false, 0ms, {}, true}));
  }
  SECTION("in the judgement of its engine") {
    CHECK(passes({true, 1s, true, false}));
    CHECK_FALSE(passes({true, 60s, false, false}));
  }
}
