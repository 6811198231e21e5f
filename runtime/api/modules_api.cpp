#include "runtime/api/modules_api.hpp"

#include "actors/modules/module_messages.hpp"
#include "actors/supervision/supervisor_messages.hpp"
#include "runtime/api/log_stream.hpp"
#include "runtime/api/module_details.hpp"

#include <boost/json.hpp>
#include <charconv>

namespace tidegate {

namespace {

namespace json = boost::json;
using http::path_parameters;
using http::request;
using http::responder;

json::object module_document(const module_status& of) {
  return {{"name", of.name},
          {"image", of.image},
          {"version", of.version},
          {"status", of.wanted_running ? "running" : "stopped"},
          {"runtimeStatus", to_string(of.status)},
          {"description", of.description},
          {"restartPolicy", to_string(of.restart)},
          {"startupOrder", of.startup_order},
          {"exitCode", of.exit_code},
          {"pid", of.pid},
          {"restartCount", of.restarts.restarts},
          {"lastStartTimeUtc", module_time(of.last_start)},
          {"lastExitTimeUtc", module_time(of.last_exit)},
          {"lastRestartTimeUtc", module_time(of.restarts.last_restart)}};
}

struct modules_calls {
  caf::actor root;
  actor_bridge actors;
  std::shared_ptr<engine> runs_them;

  void with_agent(const responder& answer,
                  std::function<void(const caf::actor&)> then) const {
    actors.ask<child_handle>(
      root, get_child{"modules"},
      [then](const child_handle& agent) { then(agent.handle); },
      tell_error(answer));
  }

  void list(const responder& answer) const {
    with_agent(answer, [*this, answer](const caf::actor& agent) {
      actors.ask<std::vector<module_status>>(
        agent, get_modules{},
        [answer](const std::vector<module_status>& all) {
          json::array modules;
          for (const auto& one : all)
            modules.emplace_back(module_document(one));
          answer.send({200, json::serialize(modules)});
        },
        tell_error(answer));
    });
  }

  void restart(const std::string& name, const responder& answer) const {
    with_agent(answer, [*this, name, answer](const caf::actor& agent) {
      actors.ask<module_status>(
        agent, restart_module{name},
        [answer](const module_status& was) {
          answer.send({200, json::serialize(module_document(was))});
        },
        tell_error(answer));
    });
  }

  void logs(const request& asked, const std::string& name,
            const responder& answer) const {
    log_query query;
    query.follow = asked.query_value("follow").has_value();
    if (const auto tail = asked.query_value("tail")) {
      std::int64_t lines = -1;
      std::from_chars(tail->data(), tail->data() + tail->size(), lines);
      if (lines >= 0)
        query.tail = static_cast<std::size_t>(lines);
    }
    runs_them->logs(name, query, std::make_shared<log_stream>(answer));
  }
};

} // namespace

void add_modules_api(http::router& to, caf::actor root, actor_bridge actors,
                     std::shared_ptr<engine> runs_them) {
  const auto calls = std::make_shared<const modules_calls>(
    modules_calls{std::move(root), std::move(actors), std::move(runs_them)});
  to.add("GET", "/modules",
         [calls](const request&, const path_parameters&, responder answer) {
           calls->list(answer);
         });
  to.add(
    "POST", "/modules/{name}/restart",
    [calls](const request&, const path_parameters& path, responder answer) {
      calls->restart(path.at("name"), answer);
    });
  to.add(
    "GET", "/modules/{name}/logs",
    [calls](const request& asked, const path_parameters& path,
            responder answer) { calls->logs(asked, path.at("name"), answer); });
}

} // namespace tidegate
