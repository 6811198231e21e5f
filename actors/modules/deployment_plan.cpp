#include "actors/modules/deployment_plan.hpp"

#include <algorithm>

namespace tidegate {

namespace {

deployment_plan::action
action_for(const deployment::module_spec& spec,
           const std::map<std::string, present_module>& present) {
  const auto known = present.find(spec.name);
  if (known == present.end())
    return deployment_plan::action::add;
  return known->second.hash == spec.hash && !known->second.dead
           ? deployment_plan::action::keep
           : deployment_plan::action::replace;
}

bool is_unwanted(const std::string& name, const deployment::manifest& wanted) {
  const auto& modules = wanted.modules;
  return name != "edgeAgent" && name != "edgeHub"
         && std::none_of(modules.begin(), modules.end(),
                         [&](const auto& spec) { return spec.name == name; });
}

} // namespace

deployment_plan
plan_deployment(const deployment::manifest& wanted,
                const std::map<std::string, present_module>& present) {
  std::map<std::uint32_t, deployment_plan::group> groups;
  for (const auto& [name, module] : present)
    if (is_unwanted(name, wanted))
      groups[module.startup_order].removed.push_back(name);
  for (const auto& spec : wanted.modules)
    groups[spec.startup_order].steps.push_back(
      {action_for(spec, present), spec});
  deployment_plan plan;
  for (auto& [order, group] : groups)
    plan.groups.push_back(std::move(group));
  return plan;
}

} // namespace tidegate
