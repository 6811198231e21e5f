#include "runtime/api/module_details.hpp"

#include "actors/modules/module_messages.hpp"
#include "actors/supervision/supervisor_messages.hpp"
#include "runtime/api/event_document.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace tidegate {

namespace {

namespace json = boost::json;

json::object status_details(const module_status& of) {
  json::object runtime{{"status", to_string(of.status)}};
  if (!of.description.empty())
    runtime["description"] = of.description;
  json::object status{{"runtimeStatus", std::move(runtime)}};
  if (of.last_start != 0)
    status["startTime"] = module_time(of.last_start);
  if (of.last_exit != 0)
    status["exitStatus"] = {{"exitTime", module_time(of.last_exit)},
                            {"statusCode", std::to_string(of.exit_code)}};
  return status;
}

} // namespace

std::string module_time(wall_milliseconds at) {
  return at == 0 ? "0001-01-01T00:00:00Z"
                 : format_time(wall_time{std::chrono::milliseconds{at}});
}

json::object module_details(const module_status& of,
                            deployment::engine_kind engine) {
  return {{"id", "id"},
          {"name", of.name},
          {"type", deployment::to_string(engine)},
          {"config",
           {{"settings",
             {{"image", of.image},
              {"imageHash", of.image_hash},
              {"createOptions", {{"Labels", json::object{}}}}}},
            {"env", json::array{}}}},
          {"status", status_details(of)}};
}

void module_directory::with_child(
  std::string name, const http::responder& answer,
  std::function<void(const caf::actor&)> then) const {
  actors_.ask<child_handle>(
    root_, get_child{std::move(name)},
    [then = std::move(then)](const child_handle& found) { then(found.handle); },
    tell_error(answer));
}

void module_directory::with_all(
  const http::responder& answer,
  std::function<void(const statuses&)> then) const {
  with_agent(answer, [actors = actors_, answer,
                      then = std::move(then)](const caf::actor& agent) {
    actors.ask<statuses>(agent, get_modules{}, then, tell_error(answer));
  });
}

void module_directory::list(const http::responder& answer) const {
  with_all(answer, [answer, engine = engine_](const statuses& all) {
    json::array modules;
    for (const auto& one : all)
      modules.emplace_back(module_details(one, engine));
    answer.send(
      {200, json::serialize(json::object{{"modules", std::move(modules)}})});
  });
}

void module_directory::one(const std::string& name,
                           const http::responder& answer) const {
  with_all(answer, [answer, name, engine = engine_](const statuses& all) {
    const auto found
      = std::find_if(all.begin(), all.end(),
                     [&](const auto& one) { return one.name == name; });
    if (found == all.end())
      return answer.send_error(404, "there is no module called " + name);
    answer.send({200, json::serialize(module_details(*found, engine))});
  });
}

} // namespace tidegate
