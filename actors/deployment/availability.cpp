#include "actors/deployment/availability.hpp"

#include <set>

namespace tidegate {

namespace {

void pass(availability::account& of, availability::time now, bool running) {
  if (of.since) {
    const availability::seconds passed = now - *of.since;
    of.expected += passed;
    if (running)
      of.running += passed;
  }
  of.since = now;
}

} // namespace

void availability::look(const std::vector<module_status>& modules, time now) {
  std::set<std::string> counted{"edgeAgent"};
  pass(accounts_["edgeAgent"], now, true);
  for (const auto& module : modules) {
    const auto running = module.status == runtime_status::running;
    if (!running && !module.wanted_running)
      continue;
    pass(accounts_[module.name], now, running);
    counted.insert(module.name);
  }
  for (auto& [name, of] : accounts_)
    if (!counted.contains(name))
      of.since.reset();
}

} // namespace tidegate
