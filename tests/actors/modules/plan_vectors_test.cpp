#include "actors/modules/deployment_plan.hpp"
#include "actors/modules/found_module.hpp"
#include "actors/supervision/restart_policy.hpp"
#include "support/vectors.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace tidegate;

namespace {

namespace json = boost::json;
using action = deployment_plan::action;
using strings = std::vector<std::string>;

deployment::module_spec spec_of(const json::object& from) {
  deployment::module_spec spec;
  spec.name = text_or_empty(from, "name");
  spec.image = text_or_empty(from, "image");
  spec.version = text_or_empty(from, "version");
  spec.running = text_or_empty(from, "desired") == "running";
  spec.restart = parse_restart_when(text_or_empty(from, "policy"))
                   .value_or(restart_when::never);
  spec.startup_order = from.at("startupOrder").to_number<std::uint32_t>();
  for (const auto& [name, value] : from.at("env").as_object())
    spec.env[name] = value.as_string();
  spec.hash = spec_hash(spec);
  return spec;
}

/// One vector, and the commands of one group that its steps come to. The
/// order within a group is the reference's; modules that fail by themselves
/// are left to their actors, which ask the functions that are asked here.
class planned {
public:
  explicit planned(const json::object& of) : of_{of} {
    for (const auto& item : of.at("current").as_array())
      current_.emplace(text_or_empty(item.as_object(), "name"),
                       &item.as_object());
  }

  strings commands() {
    std::map<std::string, present_module> present;
    for (const auto& [name, from] : current_) {
      // One that no deployment explains has no hash.
      const auto known = text_or_empty(*from, "desired") != "unknown";
      present[name]
        = {known ? spec_of(*from).hash : "", spec_of(*from).startup_order,
           text_or_empty(*from, "runtime") == "dead"};
    }
    for (const auto& group : plan_deployment(wanted(), present).groups)
      add(group);
    return commands_;
  }

private:
  deployment::manifest wanted() const {
    deployment::manifest all;
    for (const auto& item : of_.at("desired").as_array())
      // It is this process (edge-agent spec 14), and in no manifest's modules.
      if (text_or_empty(item.as_object(), "name") != "edgeAgent")
        all.modules.push_back(spec_of(item.as_object()));
    std::stable_sort(all.modules.begin(), all.modules.end(),
                     [](const auto& a, const auto& b) {
                       return a.startup_order < b.startup_order;
                     });
    return all;
  }

  void add(const deployment_plan::group& group) {
    for (const auto& name : group.removed)
      put("stop " + name);
    for (const auto& name : group.removed)
      put("remove " + name);
    for (const auto& step : group.steps)
      if (is_dead(step))
        put("remove " + step.spec.name);
    for (const auto& name : group.removed)
      put("clearState " + name);
    for (const auto& step : group.steps)
      if (step.what == action::replace || command_for_wish(step) != "")
        put("clearState " + step.spec.name);
    for (const auto& step : group.steps)
      if (step.what == action::add && has_identity(step))
        put("prepare+create " + step.spec.name + start_of(step));
    for (const auto& step : group.steps)
      if (step.what == action::replace && !is_dead(step) && has_identity(step))
        put("prepare+stop+update " + step.spec.name + start_of(step));
    for (const auto& step : group.steps)
      if (step.what == action::keep)
        put(wish_changed(step) ? command_for_wish(step) : command_for(step));
    for (const auto& step : group.steps)
      if (step.what == action::keep && has_settled(step))
        put("clearState " + step.spec.name);
  }

  void put(std::string command) {
    if (!command.empty())
      commands_.push_back(std::move(command));
  }

  const json::object& current(const deployment_plan::step& step) const {
    return *current_.at(step.spec.name);
  }
  std::string runtime(const deployment_plan::step& step) const {
    return text_or_empty(current(step), "runtime");
  }
  bool is_dead(const deployment_plan::step& step) const {
    return step.what == action::replace && runtime(step) == "dead";
  }
  bool has_identity(const deployment_plan::step& step) const {
    const auto& known = of_.at("identities");
    if (known.is_null())
      return true;
    const auto& names = known.as_array();
    return std::find(names.begin(), names.end(), json::value(step.spec.name))
           != names.end();
  }
  static std::string start_of(const deployment_plan::step& step) {
    return step.spec.running ? " +start" : "";
  }
  bool wish_changed(const deployment_plan::step& step) const {
    return step.what == action::keep
           && (text_or_empty(current(step), "desired") == "running")
                != step.spec.running;
  }
  std::string command_for_wish(const deployment_plan::step& step) const {
    if (!wish_changed(step)
        || (runtime(step) == "running") == step.spec.running)
      return {};
    return (step.spec.running ? "start " : "stop ") + step.spec.name;
  }

  static restart_policy policy(const deployment_plan::step& step) {
    auto made = module_restart_policy(step.spec.restart, {});
    made.most_attempts = 20; // the vectors' own
    return made;
  }
  restart_history history(const deployment_plan::step& step) const {
    restart_history made;
    made.attempts = current(step).at("restartCount").to_number<unsigned>();
    return made;
  }

  std::string command_for(const deployment_plan::step& step) const {
    const auto& now = current(step);
    const auto& name = step.spec.name;
    found_module found{step.spec.running, runtime(step) == "running", {}};
    if (runtime(step) == "failed")
      found.ended = exit_cause{exit_kind::failed, 1, {}};
    else if (!now.at("neverStarted").as_bool())
      found.ended = exit_cause{exit_kind::finished, 0, {}};
    switch (need_of(found)) {
    case found_need::start:
      return "start " + name;
    case found_need::stop:
      return "stop " + name;
    case found_need::nothing:
      return {};
    case found_need::judge:
      break;
    }
    const std::chrono::seconds elapsed{
      now.at("elapsedSinceExitSeconds").to_number<std::int64_t>()};
    const auto decision
      = decide_later(policy(step), *found.ended, history(step), elapsed, {});
    if (decision
        != restart_decision{restart_decision::action::restart,
                            std::chrono::milliseconds{0}})
      return {};
    return "restart " + name + " (count "
           + std::to_string(counted(policy(step), history(step), {}).attempts)
           + ")";
  }

  bool has_settled(const deployment_plan::step& step) const {
    const std::chrono::seconds up{
      current(step).at("uptimeSeconds").to_number<std::int64_t>()};
    return runtime(step) == "running" && current(step).at("hasState").as_bool()
           && is_stable(policy(step), up);
  }

  const json::object& of_;
  std::map<std::string, const json::object*> current_;
  strings commands_;
};

strings expected(const json::object& of) {
  const auto* own = of.if_contains("expectedTidegate");
  strings all;
  for (const auto& item : (own ? *own : of.at("expect")).as_array())
    // An agent that is part of the gateway is not replaced by a plan.
    if (item.as_string() != "prepare+updateAndStart edgeAgent")
      all.emplace_back(item.as_string());
  return all;
}

} // namespace

TEST_CASE("plans are those of the vectors", "[modules]") {
  const auto vectors = read_vectors("agent-planner.json");
  for (const auto& item : vectors.at("cases").as_array()) {
    const auto& one = item.as_object();
    INFO(one.at("id"));
    CHECK(planned{one}.commands() == expected(one));
  }
}
