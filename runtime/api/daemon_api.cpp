#include "runtime/api/daemon_api.hpp"

#include "actors/deployment/deployment_messages.hpp"
#include "actors/modules/module_messages.hpp"
#include "messages/deployment/moment.hpp"
#include "runtime/api/daemon_call.hpp"
#include "runtime/api/log_stream.hpp"
#include "runtime/api/machine_document.hpp"
#include "runtime/host/machine.hpp"
#include "runtime/http/router.hpp"

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>

namespace tidegate {

namespace {

namespace json = boost::json;
using http::path_parameters;
using http::request;
using http::responder;

/// More modules than a device can have.
constexpr std::size_t most_identities = 1000;
constexpr auto longest_packing = std::chrono::seconds{120};

json::object identity_details(const identity& of) {
  return {{"moduleId", of.id.module},
          {"managedBy", of.managed_by},
          {"generationId", of.generation},
          {"authType", "sas"}};
}

/// A query value that must be `true` or `false`; answers when it is neither.
bool read_flag(const request& asked, const char* name, bool& into,
               const responder& answer) {
  const auto value = asked.query_value(name);
  if (value && *value != "true" && *value != "false") {
    answer.send_error(400, std::string{"invalid parameter: "} + name);
    return false;
  }
  into = value == "true";
  return true;
}

bool read_tail(const request& asked, std::optional<std::size_t>& into,
               const responder& answer) {
  const auto value = asked.query_value("tail");
  if (!value || *value == "all")
    return true;
  std::size_t lines = 0;
  const auto* const last = value->data() + value->size();
  const auto [end, bad] = std::from_chars(value->data(), last, lines);
  if (bad != std::errc{} || end != last) {
    answer.send_error(400, "invalid parameter: tail");
    return false;
  }
  into = lines;
  return true;
}

bool read_moment(const request& asked, const char* name, std::int64_t now,
                 std::optional<std::int64_t>& into, const responder& answer) {
  const auto value = asked.query_value(name);
  if (!value)
    return true;
  into = deployment::parse_moment(*value, now);
  if (!into)
    answer.send_error(400, std::string{"invalid parameter: "} + name);
  return into.has_value();
}

class daemon_calls {
public:
  explicit daemon_calls(daemon_context with) : with_{std::move(with)} {}

  const module_directory& modules() const { return with_.modules; }

  template <class Wish>
  void tell_agent(const std::string& name, const responder& answer) const {
    with_.modules.with_agent(answer, [actors = with_.modules.actors(), name,
                                      answer](const caf::actor& agent) {
      actors.ask<module_status>(
        agent, Wish{name},
        [answer](const module_status&) {
          answer.send({204, {}});
        },
        tell_error(answer));
    });
  }

  void logs(const request& asked, const std::string& name,
            const responder& answer) const {
    log_query query;
    log_format format;
    format.frames = true;
    const auto now = with_.now();
    if (read_flag(asked, "follow", query.follow, answer)
        && read_flag(asked, "timestamps", format.timestamps, answer)
        && read_tail(asked, query.tail, answer)
        && read_moment(asked, "since", now, query.since, answer)
        && read_moment(asked, "until", now, query.until, answer))
      with_.runs_them->logs(name, query,
                            std::make_shared<log_stream>(answer, format));
  }

  void identities(const responder& answer) const {
    with_.modules.actors().ask<std::vector<identity>>(
      with_.identities,
      list_identities{.most = most_identities, .device = with_.device},
      [answer](const std::vector<identity>& all) {
        json::array found;
        for (const auto& one : all)
          if (!one.id.module.empty())
            found.emplace_back(identity_details(one));
        answer.send({200, json::serialize(
                            json::object{{"identities", std::move(found)}})});
      },
      tell_error(answer));
  }

  void bundle(const request& asked, const responder& answer) const {
    make_support_bundle wish;
    const auto now = with_.now();
    if (read_flag(asked, "edge_runtime_only", wish.runtime_only, answer)
        && read_moment(asked, "since", now, wish.since, answer)
        && read_moment(asked, "until", now, wish.until, answer))
      with_.modules.with_child(
        "agent-methods", answer,
        [actors = with_.modules.actors(), wish,
         answer](const caf::actor& packer) {
          actors.ask<support_bundle>(
            packer, wish,
            [answer](const support_bundle& made) {
              answer.send({200, made.zip, "application/zip"});
            },
            tell_error(answer), longest_packing);
        });
  }

  void resources(const responder& answer) const {
    const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(
      std::chrono::steady_clock::now() - with_.started);
    answer.send({200, json::serialize(
                        machine_usage_document(read_machine_usage(), uptime))});
  }

private:
  daemon_context with_;
};

} // namespace

void add_daemon_api(http::router& to, daemon_context context) {
  const auto with = std::make_shared<const daemon_calls>(std::move(context));
  const auto add = [&](const char* method, std::string_view pattern,
                       std::string_view since, auto handle) {
    to.add(method, pattern,
           [with, since, handle](const request& asked,
                                 const path_parameters& path,
                                 const responder& answer) {
             if (has_api_version(asked, answer, since))
               handle(*with, asked, path, answer);
           });
  };
  using self = const daemon_calls&;
  using ask = const request&;
  using in = const path_parameters&;
  using out = const responder&;
  constexpr std::string_view first = "2018-06-28";
  add("GET", "/modules", first,
      [](self m, ask, in, out answer) { m.modules().list(answer); });
  add("GET", "/modules/{name}", first, [](self m, ask, in path, out answer) {
    m.modules().one(path.at("name"), answer);
  });
  add("POST", "/modules/{name}/start", first,
      [](self m, ask, in path, out answer) {
        m.tell_agent<start_module>(path.at("name"), answer);
      });
  add("POST", "/modules/{name}/stop", first,
      [](self m, ask, in path, out answer) {
        m.tell_agent<stop_module>(path.at("name"), answer);
      });
  add("POST", "/modules/{name}/restart", first,
      [](self m, ask, in path, out answer) {
        m.tell_agent<restart_module>(path.at("name"), answer);
      });
  add("GET", "/modules/{name}/logs", first,
      [](self m, ask asked, in path, out answer) {
        m.logs(asked, path.at("name"), answer);
      });
  add("GET", "/identities", first,
      [](self m, ask, in, out answer) { m.identities(answer); });
  add("GET", "/systeminfo", first, [](self, ask, in, out answer) {
    answer.send({200, json::serialize(machine_document(read_machine_facts()))});
  });
  add("GET", "/systeminfo/resources", "2019-11-05",
      [](self m, ask, in, out answer) { m.resources(answer); });
  add("GET", "/systeminfo/supportbundle", "2020-07-07",
      [](self m, ask asked, in, out answer) { m.bundle(asked, answer); });
  struct reserved {
    const char* method;
    std::string_view pattern, since;
  };
  constexpr std::array<reserved, 8> of_agent{{
    {"POST", "/modules", first},
    {"PUT", "/modules/{name}", first},
    {"DELETE", "/modules/{name}", first},
    {"POST", "/modules/{name}/prepareupdate", "2019-01-30"},
    {"POST", "/identities", first},
    {"PUT", "/identities/{name}", first},
    {"DELETE", "/identities/{name}", first},
    {"POST", "/device/reprovision", "2019-10-22"},
  }};
  for (const auto& one : of_agent)
    add(one.method, one.pattern, one.since,
        [](self, ask, in, out answer) { answer.send_error(403, "forbidden"); });
}

} // namespace tidegate
