#include "actors/deployment/log_gathering.hpp"

#include "actors/modules/module_messages.hpp"
#include "actors/supervision/find_child.hpp"
#include "messages/error_text.hpp"

namespace tidegate::log_gathering {

namespace {

constexpr auto modules_timeout = std::chrono::seconds{30};

void finish(agent_methods_state& state, std::uint64_t ticket) {
  auto done = state.gatherings.extract(ticket);
  done.mapped().then(std::move(done.mapped().logs));
}

log_query query_of(const deployment::log_filter& filter) {
  log_query query;
  query.tail = filter.tail;
  query.since = filter.since;
  query.until = filter.until;
  return query;
}

void read(self_pointer self, const std::vector<module_status>& modules,
          const std::vector<deployment::log_item>& items, std::size_t limit,
          std::uint64_t ticket) {
  auto& state = self->state;
  auto& job = state.gatherings.at(ticket);
  for (const auto& module : modules)
    if (auto filter = deployment::filter_for(module.name, items))
      job.logs[module.name] = {std::move(*filter), module, {}, {}};
  job.missing = job.logs.size();
  if (job.missing == 0)
    return finish(state, ticket);
  const auto share = limit / job.missing;
  for (const auto& [name, log] : job.logs)
    state.context.engine->logs(
      name, query_of(log.filter),
      std::make_shared<log_collector>(ticket, name, share, caf::actor{self}));
}

} // namespace

void gather(self_pointer self, std::vector<deployment::log_item> items,
            std::size_t limit, std::function<void(gathered_logs)> then,
            std::function<void(const std::string&)> failed) {
  auto& state = self->state;
  if (state.gatherings.size() >= most_log_calls)
    return failed("too many calls read logs at the same time");
  const auto ticket = ++state.ticket;
  state.gatherings[ticket].then = std::move(then);
  const auto give_up
    = [self, ticket, failed = std::move(failed)](const caf::error& error) {
        self->state.gatherings.erase(ticket);
        failed(error_text(error));
      };
  find_child(
    self, state.context.supervisor, "modules",
    [self, items = std::move(items), limit, ticket,
     give_up](const caf::actor& modules) {
      self->request(modules, modules_timeout, get_modules{})
        .then(
          [self, items, limit, ticket](const std::vector<module_status>& all) {
            read(self, all, items, limit, ticket);
          },
          give_up);
    },
    give_up);
}

void collected(self_pointer self, const log_collected& log) {
  auto& state = self->state;
  const auto job = state.gatherings.find(log.ticket);
  if (job == state.gatherings.end())
    return;
  auto& into = job->second.logs.at(log.module);
  into.problem = log.problem;
  into.lines
    = deployment::line_filter{into.filter}.select(std::move(*log.lines));
  if (--job->second.missing == 0)
    finish(state, log.ticket);
}

} // namespace tidegate::log_gathering
