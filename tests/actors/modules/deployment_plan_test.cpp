#include "actors/modules/deployment_plan.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;

namespace {

using action = deployment_plan::action;
using strings = std::vector<std::string>;

deployment::module_spec spec(const std::string& name, const std::string& hash,
                             std::uint32_t order = 0) {
  deployment::module_spec made;
  made.name = name;
  made.hash = hash;
  made.startup_order = order;
  return made;
}

} // namespace

TEST_CASE("a plan adds, replaces, keeps and removes", "[modules]") {
  deployment::manifest wanted;
  wanted.modules
    = {spec("added", "1"), spec("changed", "2"), spec("kept", "3")};
  const auto plan = plan_deployment(wanted, {{"changed", {"1", 0, false}},
                                             {"gone", {"1", 0, false}},
                                             {"kept", {"3", 0, false}}});
  REQUIRE(plan.groups.size() == 1);
  CHECK(plan.groups[0].removed == strings{"gone"});
  CHECK(plan.groups[0].steps[0].what == action::add);
  CHECK(plan.groups[0].steps[1].what == action::replace);
  CHECK(plan.groups[0].steps[2].what == action::keep);
}

TEST_CASE("modules of one startup order form a group", "[modules]") {
  deployment::manifest wanted;
  wanted.modules = {spec("a", "1", 0), spec("b", "1", 9), spec("c", "1", 9),
                    spec("d", "1", deployment::last_in_order)};
  const auto plan = plan_deployment(wanted, {{"gone", {"1", 5, false}}});
  REQUIRE(plan.groups.size() == 4);
  CHECK(plan.groups[0].steps.size() == 1);
  CHECK(plan.groups[1].removed == strings{"gone"});
  CHECK(plan.groups[2].steps.size() == 2);
  CHECK(plan.groups[3].steps.front().spec.name == "d");
}

TEST_CASE("a raised order is one replacement, never a removal", "[modules]") {
  deployment::manifest wanted;
  wanted.modules = {spec("a", "new", 5)};
  const auto plan = plan_deployment(wanted, {{"a", {"old", 1, false}}});
  REQUIRE(plan.groups.size() == 1);
  CHECK(plan.groups[0].removed.empty());
  CHECK(plan.groups[0].steps.front().what == action::replace);
}

TEST_CASE("a dead module is made again", "[modules]") {
  deployment::manifest wanted;
  wanted.modules = {spec("a", "1")};
  const auto plan = plan_deployment(wanted, {{"a", {"1", 0, true}}});
  CHECK(plan.groups[0].steps.front().what == action::replace);
}

TEST_CASE("nobody plans the end of the agent or the hub", "[modules]") {
  const auto plan = plan_deployment(
    {}, {{"edgeAgent", {"1", 0, false}}, {"edgeHub", {"1", 0, false}}});
  CHECK(plan.groups.empty());
}
