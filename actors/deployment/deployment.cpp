#include "actors/deployment/deployment.hpp"

#include "actors/clients/client_messages.hpp"
#include "actors/deployment/deployment_steps.hpp"
#include "actors/log.hpp"
#include "messages/ec.hpp"
#include "messages/error_text.hpp"
#include "messages/twin/edge_twin.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <caf/send.hpp>

namespace tidegate {

namespace {

namespace json = boost::json;
using namespace deployment_steps;

/// A gateway may ask its parent first.
constexpr auto twin_timeout = std::chrono::seconds{60};
constexpr auto router_timeout = std::chrono::seconds{60};
constexpr auto retry_pause = std::chrono::seconds{30};

/// `section` without what a hub adds to it.
json::object content_of(json::object section) {
  section.erase("$version");
  section.erase("$metadata");
  return section;
}

std::string text_of(const deployment::manifest_result& wrong) {
  std::string text = "the deployment is not valid";
  const char* before = ": ";
  for (const auto& error : wrong.errors) {
    text += before + to_string(error);
    before = "; ";
  }
  return text;
}

/// What is wrong changes nothing but what is said.
void refuse(self_pointer self, std::int64_t version,
            const deployment::manifest_result& wrong) {
  auto& state = self->state;
  state.status = {version, wrong.code(), text_of(wrong)};
  // Whatever is under way is of another deployment.
  ++state.order;
  state.ordering = state.unfinished = false;
  if (wrong.code() == deployment::nothing_deployed)
    log::info("deployment", "no deployment is set yet; what runs goes on", {});
  else
    log::error("deployment", "a deployment is refused; the last good one stays",
               {{"version", std::to_string(version)},
                {"code", std::to_string(wrong.code())},
                {"reason", state.status.description}});
  report(self);
}

/// Keeps `wanted`, shows it to everybody, and has the modules run it.
void deploy(self_pointer self, deployment::manifest wanted,
            deployment_backup::content source) {
  auto& state = self->state;
  // Modules that run matter more than that they will run after a restart.
  if (const auto failed = state.context.backup->keep(source))
    log::error("deployment", "a deployment cannot be kept for the next start",
               {{"reason", error_text(failed)}});
  state.context.board->publish(
    {std::make_shared<const deployment::manifest>(std::move(wanted)),
     source.version});
  ++state.revision;
  log::info("deployment", "a deployment is in force",
            {{"version", std::to_string(source.version)}});
  order_modules(self);
}

/// Takes desired properties that are new.
void consider(self_pointer self, json::object desired) {
  auto& state = self->state;
  const auto version = twin::version_of(desired);
  auto content = content_of(std::move(desired));
  if (version == 0 && content.empty())
    return; // nobody has said anything yet
  if (version == state.judged_version && content == state.judged)
    return;
  state.judged_version = version;
  state.judged = content;
  auto read = deployment::read_agent_desired(content, state.context.rules);
  if (read.ok())
    deploy(self, std::move(read.value), {version, std::move(content)});
  else
    refuse(self, version, read);
}

void read_twin(self_pointer self) {
  auto& state = self->state;
  self->request(state.context.twins, twin_timeout, get_twin{state.context.own})
    .then(
      [self](const twin_text& answer) {
        auto& known = self->state;
        count_sync(known, true);
        auto found = twin::client_twin_of(*answer.json);
        if (!found)
          return;
        if (!known.reporting)
          known.reported = content_of(std::move(found->reported));
        if (!known.context.local)
          consider(self, std::move(found->desired));
        report(self);
      },
      [self](const caf::error& error) {
        count_sync(self->state, false);
        log::warning("deployment", "the agent's twin cannot be read",
                     {{"reason", error_text(error)}});
        self->delayed_send(self, retry_pause, read_agent_twin{});
      });
}

/// Has messages flow as a manifest of the node's own says.
void set_routes_of(self_pointer self, const deployment::manifest& wanted) {
  const auto& local = *self->state.context.local;
  if (!local.routes)
    return;
  const auto wish = local.routes(wanted);
  if (!wish)
    return log::error("deployment", "the routes of the manifest are not set",
                      {{"reason", error_text(wish.error())}});
  self->request(local.router, router_timeout, *wish)
    .then([](routes_set) {},
          [](const caf::error& error) {
            log::error("deployment", "the routes of the manifest are not set",
                       {{"reason", error_text(error)}});
          });
}

/// Takes the manifest `text`; what is wrong with it is reported.
deployment::manifest_result take_manifest(self_pointer self,
                                          const std::string& text) {
  auto read = deployment::parse_manifest(text, self->state.context.rules);
  if (!read.ok()) {
    refuse(self, 0, read);
    return read;
  }
  set_routes_of(self, read.value);
  deploy(self, read.value, {0, json::parse(text).as_object()});
  return read;
}

void reload(self_pointer self) {
  const auto& local = self->state.context.local;
  if (!local)
    return log::info("deployment",
                     "deployments come from the twin; there is no manifest to "
                     "read again");
  const auto text = local->read();
  if (!text)
    return log::error("deployment", "the manifest cannot be read again",
                      {{"reason", error_text(text.error())}});
  take_manifest(self, *text);
}

caf::result<deployment_judged> apply(self_pointer self,
                                     const std::string& text) {
  const auto& context = self->state.context;
  if (!context.local)
    return caf::make_error(ec::refused, "the deployments of this node are the "
                                        "desired properties of "
                                          + to_string(context.own)
                                          + ", at its hub");
  auto read = deployment::parse_manifest(text, context.rules);
  if (!read.ok())
    return deployment_judged{std::move(read.errors)};
  if (auto failed = context.local->replace(text))
    return failed;
  take_manifest(self, text);
  return deployment_judged{};
}

deployment_document describe(const deployment_state& state) {
  return {
    {{"source", state.context.local ? "local" : "twin"},
     {"version", state.status.version},
     {"status",
      {{"code", state.status.code}, {"description", state.status.description}}},
     {"reported", state.report}}};
}

} // namespace

caf::behavior deployment_actor(self_pointer self, deployment_context context) {
  auto& state = self->state;
  state.context = std::move(context);
  const auto now = state.context.now();
  state.started = now.time_since_epoch().count();
  if (const auto last = state.context.checkpoint->load(); last && *last < now)
    state.lived = availability{now - *last};
  self->set_exit_handler([self](const caf::exit_msg& message) {
    if (message.reason == caf::exit_reason::kill)
      self->quit(message.reason);
    else
      take_leave(self);
  });
  // It follows its twin as any client does, but is none.
  caf::anon_send(caf::actor_cast<caf::actor>(state.context.twins),
                 clients_changed{{{state.context.own,
                                   caf::actor_cast<caf::actor>(self),
                                   {false, true, false}}}});
  const auto first = state.context.board->current();
  state.status.version = first.version;
  order_modules(self);
  if (state.context.local)
    reload(self);
  self->send(self, refresh_agent_twin{});
  self->delayed_send(self, state.context.period, look_at_modules{});
  return {
    [self](read_agent_twin) { read_twin(self); },
    [self](refresh_agent_twin) {
      self->delayed_send(self, self->state.context.refresh,
                         refresh_agent_twin{});
      read_twin(self);
    },
    // What changed is less than what is there, and may not be all of it.
    [self](const desired_changed&) { read_twin(self); },
    [self](look_at_modules) {
      auto& known = self->state;
      self->delayed_send(self, known.context.period, look_at_modules{});
      if (known.unfinished && !known.ordering)
        order_modules(self);
      report(self);
    },
    [self](leave_now) { self->quit(caf::exit_reason::user_shutdown); },
    [self](reload_deployment) { reload(self); },
    [self](const apply_deployment& wish) { return apply(self, wish.manifest); },
    [self](get_deployment) { return describe(self->state); },
  };
}

} // namespace tidegate
