#include "actors/modules/deployment_plan.hpp"

#include <algorithm>

namespace tidegate {

namespace {

deployment_plan::action
action_for(const deployment::module_spec& spec,
           const std::map<std::string, std::string>& present) {
  const auto known = present.find(spec.name);
  if (known == present.end())
    return deployment_plan::action::add;
  return known->second == spec.hash ? deployment_plan::action::keep
                                    : deployment_plan::action::replace;
}

} // namespace

deployment_plan
plan_deployment(const deployment::manifest& wanted,
                const std::map<std::string, std::string>& present) {
  deployment_plan plan;
  const auto& modules = wanted.modules;
  for (const auto& [name, hash] : present)
    if (std::none_of(modules.begin(), modules.end(),
                     [&](const auto& spec) { return spec.name == name; }))
      plan.removed.push_back(name);
  for (std::size_t i = 0; i < modules.size(); ++i) {
    const auto& spec = modules[i];
    if (i == 0 || spec.startup_order != modules[i - 1].startup_order)
      plan.groups.emplace_back();
    plan.groups.back().push_back({action_for(spec, present), spec});
  }
  return plan;
}

} // namespace tidegate
