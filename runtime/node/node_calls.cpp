#include "runtime/node/node_calls.hpp"

#include "runtime/api/c2d_api.hpp"
#include "runtime/api/daemon_api.hpp"
#include "runtime/api/deployment_api.hpp"
#include "runtime/api/management_api.hpp"
#include "runtime/api/methods_api.hpp"
#include "runtime/api/modules_api.hpp"
#include "runtime/api/policies_api.hpp"
#include "runtime/api/registry_api.hpp"
#include "runtime/api/service_api.hpp"
#include "runtime/api/twins_api.hpp"
#include "runtime/api/uplink_api.hpp"
#include "runtime/node/module_agent.hpp"

namespace tidegate {

namespace {

http::handler handler_of(std::shared_ptr<http::router> calls) {
  return [calls = std::move(calls)](const http::request& asked,
                                    http::responder answer) {
    (*calls)(asked, std::move(answer));
  };
}

} // namespace

std::shared_ptr<http::router> node_calls::new_router(unsigned wrong_method) {
  return routers_.emplace_back(std::make_shared<http::router>(wrong_method));
}

/// Null where there are no services.
std::shared_ptr<http::router> node_calls::service_calls() {
  if (!with_.policies)
    return nullptr;
  const auto& core = *with_.core;
  const auto& who = with_.parts.who;
  auto calls = new_router();
  add_service_api(*calls,
                  {core.identities, core.hub_twins, core.methods, bridge()},
                  {with_.policies->board(), {who.hub_host, who.host}, [] {
                     return wall_clock();
                   }});
  return calls;
}

http::handler node_calls::rest() {
  const auto& core = *with_.core;
  auto calls = new_router();
  add_registry_api(*calls, core.identities, bridge(), with_.parent);
  add_methods_api(
    *calls, {core.methods, core.identities, bridge(), with_.parts.who.device});
  return [devices = calls, services = service_calls(),
          policies = with_.parts.policies](const http::request& asked,
                                           http::responder answer) {
    const auto of_service
      = services && is_service_call(asked, *policies->current());
    (of_service ? *services : *devices)(asked, std::move(answer));
  };
}

http::handler node_calls::metrics() {
  page_ = std::make_shared<metrics_page>(with_.parts.meters->registry());
  return
    [page = page_](const http::request& asked, const http::responder& answer) {
      if (asked.path != "/metrics")
        return answer.send_error(404, "metrics are at /metrics");
      page->show(answer);
    };
}

http::handler node_calls::management() {
  const auto& core = *with_.core;
  const auto& who = with_.parts.who;
  auto calls = new_router();
  add_management_api(*calls,
                     {with_.core, with_.root, who, with_.parts.storage.lanes});
  add_twins_api(*calls, core.hub_twins, who.hub_host, bridge());
  add_c2d_api(*calls, {core.c2d_queues, bridge(), [] { return wall_clock(); }});
  add_operator_methods_api(
    *calls, {core.methods, core.identities, bridge(), who.device});
  add_policies_api(*calls, with_.policies, who.hub_host, bridge());
  add_deployment_api(
    *calls, {with_.root,
             {core.identities, core.hub_twins, bridge(), tell_plain_error},
             who,
             with_.parts.with.deploys_itself()});
  add_modules_api(*calls, with_.root, bridge(), with_.engine);
  add_uplink_api(*calls, with_.root, bridge(), who.is_hub());
  return handler_of(calls);
}

http::handler node_calls::tools() {
  auto calls = new_router(400); // edge-agent spec 6
  add_daemon_api(*calls, {modules(), with_.engine, with_.core->identities,
                          with_.parts.who.device, [] {
                            return wall_clock().time_since_epoch().count();
                          }});
  return handler_of(calls);
}

module_directory node_calls::modules() const {
  return {with_.root, bridge(),
          manifest_rules_of(with_.parts.with, with_.parts.who).engine};
}

void node_calls::close() {
  for (const auto& calls : routers_)
    *calls = http::router{};
  if (page_)
    page_->close();
  with_ = {};
}

} // namespace tidegate
