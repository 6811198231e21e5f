#include "actors/log.hpp"
#include "actors/modules/module_life.hpp"
#include "messages/error_text.hpp"

namespace tidegate::module_life {

namespace {

using phase = module_state::phase;
using next = module_state::next;
constexpr std::chrono::milliseconds session_answer{5'000};

/// It is known to be unhealthy: as the policy says.
void fell_ill(self_pointer self, const std::string& detail) {
  auto& state = self->state;
  state.sickness = detail;
  show(self, runtime_status::unhealthy, detail);
  if (covers(state.policy.when, exit_kind::unhealthy))
    stop(self, next::judge_unhealthy);
}

} // namespace

void judged(self_pointer self, const module_health& message) {
  auto& state = self->state;
  state.healthy = message.healthy;
  const auto ill = state.status.status == runtime_status::unhealthy;
  if (state.now != phase::up || message.healthy != ill)
    return;
  if (message.healthy)
    show(self, runtime_status::running, {});
  else
    fell_ill(self, message.detail);
}

void examined(self_pointer self, std::uint64_t life, bool healthy,
              const std::string& detail) {
  auto& state = self->state;
  if (state.life != life || state.now != phase::up)
    return;
  state.healthy = healthy;
  const auto& health = *state.launch.spec.process.health;
  const auto age = self->clock().now() - *state.history.up_since;
  if (healthy)
    state.misses = 0;
  else if (age > health.start_period)
    ++state.misses;
  if (healthy && state.status.status == runtime_status::unhealthy)
    show(self, runtime_status::running, {});
  if (state.misses >= health.retries
      && state.status.status != runtime_status::unhealthy) {
    fell_ill(self, detail);
    if (state.now != phase::up)
      return;
  }
  self->delayed_send(self, health.interval, health_due{life});
}

void examine(self_pointer self, health_due due) {
  auto& state = self->state;
  const auto life = due.life;
  if (state.life != life || state.now != phase::up)
    return;
  state.probed_life = life;
  const auto& health = *state.launch.spec.process.health;
  if (!health.url.empty())
    return state.context.engine->probe(name_of(self), {"HTTP", health.url},
                                       health.timeout, itself(self));
  if (!health.command.empty())
    return state.context.engine->probe(name_of(self), health.command,
                                       health.timeout, itself(self));
  self
    ->request(state.context.clients, session_answer,
              is_connected{{state.context.device, name_of(self)}})
    .then(
      [self, life](bool connected) {
        examined(self, life, connected, "its client session is not connected");
      },
      [self, life](const caf::error& why) {
        // Not the module's fault: ask again.
        log::warning("modules", "whether a module is connected is not known",
                     {{"module", name_of(self)}, {"why", error_text(why)}});
        examined(self, life, true, {});
      });
}

} // namespace tidegate::module_life
