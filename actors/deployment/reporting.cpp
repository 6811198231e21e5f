#include "actors/deployment/deployment_steps.hpp"
#include "actors/log.hpp"
#include "messages/error_text.hpp"
#include "messages/twin/merge.hpp"
#include "messages/twin/rules.hpp"

#include <boost/json/value.hpp>

namespace tidegate::deployment_steps {

namespace {

namespace json = boost::json;
using texts = std::shared_ptr<const std::vector<std::string>>;

constexpr auto twin_timeout = std::chrono::seconds{60};
constexpr auto modules_timeout = std::chrono::seconds{10};
/// Edge-agent spec 9.
constexpr auto checkpoint_period = std::chrono::minutes{5};
/// The node waits for a farewell no longer.
constexpr auto farewell_timeout = std::chrono::seconds{3};

void reported(self_pointer self) {
  self->state.reporting = false;
  if (std::exchange(self->state.report_again, false))
    report(self);
}

/// Sends the patches one after the other; the twin then holds `all`. After a
/// failure it is taken to hold what it held: the next difference is larger.
void send(self_pointer self, const texts& patches, std::size_t next,
          const json::object& all) {
  auto& state = self->state;
  if (next == patches->size()) {
    state.reported = all;
    return reported(self);
  }
  self
    ->request(state.context.twins, twin_timeout,
              report_properties{state.context.own, own((*patches)[next])})
    .then(
      [self, patches, next, all](const properties_reported&) {
        count_sync(self->state, true);
        send(self, patches, next + 1, all);
      },
      [self](const caf::error& error) {
        count_sync(self->state, false);
        log::warning("deployment", "the agent cannot report",
                     {{"reason", error_text(error)}});
        reported(self);
      });
}

agent_facts facts_of(const deployment_state& state) {
  agent_facts facts;
  facts.version = state.context.version;
  facts.platform = state.context.platform;
  facts.status = state.status;
  facts.deployed = state.context.board->current().manifest;
  facts.started = state.started;
  return facts;
}

/// A manifest of the node's own has no version: that which was reported last
/// stays (edge-agent spec 2.3).
void keep_version(json::object& made, const deployment_state& state) {
  const auto* known = state.reported->if_contains("lastDesiredVersion");
  if (state.status.version <= 0 && known)
    made["lastDesiredVersion"] = *known;
}

/// Keeps account of how long modules have run.
void measure(self_pointer self, const std::vector<module_status>& modules) {
  auto& state = self->state;
  const auto now = self->clock().now();
  state.lived.look(modules, now);
  for (const auto& [module, account] : state.lived.accounts()) {
    const prometheus::Labels labels{{"module_name", module},
                                    {"ms_telemetry", "True"}};
    auto& meters = *state.context.meters;
    meters
      .gauge("edgeAgent_total_time_expected_running_seconds",
             "Time that a module should have run.", labels)
      .Set(account.expected.count());
    meters
      .gauge("edgeAgent_total_time_running_correctly_seconds",
             "Time that a module has run as it should.", labels)
      .Set(account.running.count());
  }
  if (state.leaving || (state.checkpoint_at && now < *state.checkpoint_at))
    return;
  state.context.checkpoint->save(state.context.now());
  state.checkpoint_at = now + checkpoint_period;
}

/// Modules try by themselves what has failed, or take a version back that does
/// not work. What has come of a deployment is then told when they are ordered
/// once more.
void notice(deployment_state& state,
            const std::vector<module_status>& modules) {
  std::vector<std::string> now;
  bool is_plain = state.status.code == 200;
  for (const auto& one : modules) {
    now.push_back(one.name + '\n' + std::string{to_string(one.status)} + '\n'
                  + one.version + '\n' + one.image + '\n' + one.description);
    is_plain = is_plain && one.description.empty();
  }
  if (std::exchange(state.seen, std::move(now)) != state.seen && !is_plain)
    state.unfinished = true;
}

void send_difference(self_pointer self, json::object made) {
  auto& state = self->state;
  keep_version(made, state);
  state.report = made;
  const auto patch = twin::diff(*state.reported, made);
  if (patch.empty() || state.leaving)
    return reported(self);
  send(self,
       std::make_shared<const std::vector<std::string>>(
         twin::split(patch, twin::largest_patch)),
       0, made);
}

} // namespace

void count_sync(const deployment_state& state, bool good) {
  auto& meters = *state.context.meters;
  meters
    .counter("edgeAgent_iothub_syncs_total",
             "Times the agent read its twin or reported.",
             {{"ms_telemetry", "True"}})
    .Increment();
  if (!good)
    meters
      .counter("edgeAgent_unsuccessful_iothub_syncs_total",
               "Times the agent read its twin or reported in vain.",
               {{"ms_telemetry", "True"}})
      .Increment();
}

void report(self_pointer self) {
  auto& state = self->state;
  if (!state.reported || state.leaving)
    return;
  if (std::exchange(state.reporting, true)) {
    state.report_again = true;
    return;
  }
  const auto unknown = [self](const caf::error& error) {
    log::warning("deployment", "it is not known how the modules are",
                 {{"reason", error_text(error)}});
    auto made = agent_report(facts_of(self->state));
    forget_modules(made, self->state.report.empty() ? *self->state.reported
                                                    : self->state.report);
    send_difference(self, std::move(made));
  };
  with_modules(
    self,
    [self, unknown](const caf::actor& modules) {
      self->request(modules, modules_timeout, get_modules{})
        .then(
          [self](const std::vector<module_status>& all) {
            measure(self, all);
            notice(self->state, all);
            auto facts = facts_of(self->state);
            facts.modules = all;
            send_difference(self, agent_report(facts));
          },
          unknown);
    },
    unknown);
}

void take_leave(self_pointer self) {
  auto& state = self->state;
  if (std::exchange(state.leaving, true))
    return;
  state.context.checkpoint->remove();
  if (!state.reported || state.report.empty())
    return self->quit(caf::exit_reason::user_shutdown);
  const auto patches
    = twin::split(twin::diff(*state.reported, farewell_report(state.report)),
                  twin::largest_patch);
  const auto left = std::make_shared<std::size_t>(patches.size());
  for (const auto& patch : patches) {
    const auto answered = [self, left] {
      if (--*left == 0)
        self->delayed_send(self, self->state.context.farewell, leave_now{});
    };
    self
      ->request(state.context.twins, farewell_timeout,
                report_properties{state.context.own, own(patch)})
      .then([answered](const properties_reported&) { answered(); },
            [answered](const caf::error&) { answered(); });
  }
}

} // namespace tidegate::deployment_steps
