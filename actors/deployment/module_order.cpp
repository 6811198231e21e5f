#include "actors/deployment/deployment_steps.hpp"
#include "actors/log.hpp"
#include "actors/supervision/find_child.hpp"
#include "messages/error_text.hpp"

namespace tidegate::deployment_steps {

namespace {

/// Fetching what modules are made of may take long.
constexpr auto order_timeout = std::chrono::minutes{30};

/// What is to be said of an order that was carried out.
void carried_out(self_pointer self, const manifest_applied& outcome,
                 std::int64_t version) {
  auto& state = self->state;
  state.unfinished = false;
  if (!outcome.problems.empty()) {
    std::string all;
    for (const auto& one : outcome.problems)
      all += (all.empty() ? "" : "; ") + one;
    state.status = {version, 500, all};
  } else if (outcome.waiting) {
    // What failed before waits for its next attempt: the code stays.
    state.status.version = version;
  } else {
    state.status = {version, 200, ""};
  }
  report(self);
}

void count_time(const deployment_state& state,
                std::chrono::duration<double> took) {
  state.context.meters
    ->summary("edgeAgent_deployment_time_seconds",
              "Time from a deployment's arrival until its modules were in "
              "place.",
              {{"ms_telemetry", "True"}}, std::chrono::hours{1})
    .Observe(took.count());
}

} // namespace

void with_modules(self_pointer self,
                  std::function<void(const caf::actor&)> then,
                  std::function<void(const caf::error&)> failed) {
  find_child(self, self->state.context.supervisor, "modules", std::move(then),
             std::move(failed));
}

void order_modules(self_pointer self) {
  auto& state = self->state;
  const auto wanted = state.context.board->current();
  if (!wanted.manifest)
    return;
  const auto order = ++state.order;
  const auto start = self->clock().now();
  state.ordering = true;
  const auto failed = [self, order](const caf::error& error) {
    auto& now = self->state;
    if (order != now.order)
      return;
    now.ordering = false;
    now.unfinished = true; // it is ordered again
    log::warning("deployment", "the modules were told in vain",
                 {{"reason", error_text(error)}});
  };
  with_modules(
    self,
    [self, wanted, order, start, failed](const caf::actor& modules) {
      const auto& now = self->state;
      self
        ->request(modules, order_timeout,
                  apply_manifest{wanted.manifest, now.revision})
        .then(
          [self, wanted, order, start](const manifest_applied& outcome) {
            auto& known = self->state;
            if (order != known.order)
              return; // of an older deployment
            known.ordering = false;
            if (std::exchange(known.timed, known.revision) != known.revision)
              count_time(known, self->clock().now() - start);
            carried_out(self, outcome, wanted.version);
          },
          failed);
    },
    failed);
}

} // namespace tidegate::deployment_steps
