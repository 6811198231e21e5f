#include "actors/modules/trial.hpp"

#include <algorithm>

namespace tidegate {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds steady_time{10'000};

} // namespace

std::optional<milliseconds> trial_grace(const deployment::module_spec& spec,
                                        std::optional<milliseconds> usual) {
  if (spec.rollback)
    usual = *spec.rollback;
  if (!usual || *usual <= milliseconds{0})
    return std::nullopt;
  const auto& check = spec.process.health;
  if (!check)
    return usual;
  return std::max(*usual,
                  check->start_period + check->interval + check->timeout);
}

std::string trial_problem(const deployment::module_spec& spec,
                          const trial_view& view, milliseconds grace) {
  if (view.finished)
    return {};
  if (!view.up)
    return "it does not run";
  if (view.healthy && !*view.healthy)
    return "it is not healthy";
  if (view.healthy)
    return {};
  if (spec.process.health)
    return "its health check has not said yes";
  if (view.up_for < std::min(steady_time, grace / 2))
    return "it has been started again only just now";
  return {};
}

} // namespace tidegate
