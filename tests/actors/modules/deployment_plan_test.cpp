#include "actors/modules/deployment_plan.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;

namespace {

using action = deployment_plan::action;

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
  const auto plan
    = plan_deployment(wanted, {{"changed", "1"}, {"gone", "1"}, {"kept", "3"}});
  CHECK(plan.removed == std::vector<std::string>{"gone"});
  REQUIRE(plan.groups.size() == 1);
  CHECK(plan.groups[0][0].what == action::add);
  CHECK(plan.groups[0][1].what == action::replace);
  CHECK(plan.groups[0][2].what == action::keep);
}

TEST_CASE("modules of one startup order form a group", "[modules]") {
  deployment::manifest wanted;
  wanted.modules = {spec("a", "1", 0), spec("b", "1", 9), spec("c", "1", 9),
                    spec("d", "1", deployment::last_in_order)};
  const auto plan = plan_deployment(wanted, {});
  REQUIRE(plan.groups.size() == 3);
  CHECK(plan.groups[0].size() == 1);
  CHECK(plan.groups[1].size() == 2);
  CHECK(plan.groups[2].front().spec.name == "d");
}

TEST_CASE("a raised order is one replacement, never a removal", "[modules]") {
  deployment::manifest wanted;
  wanted.modules = {spec("a", "new", 5)};
  const auto plan = plan_deployment(wanted, {{"a", "old"}});
  CHECK(plan.removed.empty());
  REQUIRE(plan.groups.size() == 1);
  CHECK(plan.groups[0].front().what == action::replace);
}
