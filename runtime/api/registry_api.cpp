#include "runtime/api/registry_api.hpp"

#include "messages/iothub/identity_document.hpp"
#include "runtime/api/edge_caller.hpp"
#include "runtime/api/nested_api.hpp"
#include "runtime/api/registry_calls.hpp"
#include "runtime/api/scope_document.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

namespace tidegate {

namespace {

namespace json = boost::json;
using http::path_parameters;
using http::request;
using http::responder;

constexpr std::size_t largest_page = 100;
/// Longer than the identities let a gateway wait for news.
constexpr auto news_patience = std::chrono::seconds{75};

/// What the calls of an edge device for itself share.
struct edge_calls {
  identities_actor identities;
  actor_bridge actors;
  edge_caller caller;
  registry_calls modules;

  void list_scope(const request& asked, const std::string& edge,
                  const responder& answer) const {
    std::size_t count = 10;
    if (const auto text = asked.query_value("deviceCount"))
      std::from_chars(text->data(), text->data() + text->size(), count);
    count = std::clamp<std::size_t>(count, 1, largest_page);
    const std::string after{
      asked.query_value("continuationToken").value_or("")};
    actors.ask<std::vector<identity>>(
      identities,
      list_identities{.after = after, .most = count, .behind = edge},
      [answer, count](const std::vector<identity>& page) {
        const auto more = page.size() == count;
        answer.send(json_response(
          scope_document(page, more ? to_string(page.back().id) : "")));
      },
      tell_error(answer));
  }

  /// One device, and one of its modules if asked for, when they are in the
  /// scope of `edge`. An empty answer says that there is no such identity.
  void send_scope_of(const request& asked, const std::string& edge,
                     const responder& answer) const {
    const identity_id wanted{
      std::string{asked.query_value("targetDeviceId").value_or("")},
      std::string{asked.query_value("targetModuleId").value_or("")}};
    modules.send_device_and_module(wanted, edge, answer);
  }

  void send_news(const request& asked, const std::string& edge,
                 const responder& answer) const {
    actors.ask<scope_news>(
      identities,
      await_scope_news{edge,
                       std::string{asked.query_value("after").value_or("")}},
      [answer](const scope_news& news) {
        answer.send(json_response(news_document(news)));
      },
      tell_error(answer), news_patience);
  }
};

using edge_handler = std::function<void(
  const edge_calls&, const request&, const path_parameters&, const responder&)>;

} // namespace

void add_registry_api(http::router& to, identities_actor identities,
                      actor_bridge actors,
                      std::shared_ptr<parent_client> parent) {
  const edge_caller caller{identities, actors};
  const registry_calls modules{identities, actors, std::move(parent)};
  add_nested_api(to, identities, actors, caller, modules);
  const auto shared = std::make_shared<const edge_calls>(
    edge_calls{std::move(identities), std::move(actors), caller, modules});
  const auto add
    = [&](const char* method, const char* pattern, edge_handler handle) {
        to.add(method, pattern,
               [shared, handle = std::move(handle)](const request& asked,
                                                    const path_parameters& path,
                                                    responder answer) {
                 shared->caller.check(asked, path.at("edge"), answer,
                                      [shared, handle, asked, path, answer] {
                                        handle(*shared, asked, path, answer);
                                      });
               });
      };
  add("GET", "/devices/{edge}/modules/{hub}/devicesAndModulesInDeviceScope",
      [](const edge_calls& all, const request& asked,
         const path_parameters& path, const responder& answer) {
        all.list_scope(asked, path.at("edge"), answer);
      });
  add("GET", "/devices/{edge}/modules/{hub}/deviceAndModuleInDeviceScope",
      [](const edge_calls& all, const request& asked,
         const path_parameters& path, const responder& answer) {
        all.send_scope_of(asked, path.at("edge"), answer);
      });
  add("GET", "/devices/{edge}/modules/{hub}/scopeChanges",
      [](const edge_calls& all, const request& asked,
         const path_parameters& path, const responder& answer) {
        all.send_news(asked, path.at("edge"), answer);
      });
  add(
    "GET", "/devices/{edge}/modules",
    [](const edge_calls& all, const request&, const path_parameters& path,
       const responder& answer) { all.modules.list(path.at("edge"), answer); });
  add("GET", "/devices/{edge}/modules/{module}",
      [](const edge_calls& all, const request&, const path_parameters& path,
         const responder& answer) {
        all.modules.get({path.at("edge"), path.at("module")}, answer);
      });
  add("PUT", "/devices/{edge}/modules/{module}",
      [](const edge_calls& all, const request& asked,
         const path_parameters& path, const responder& answer) {
        boost::system::error_code failed;
        const auto body = asked.body.empty() ? json::value(json::object{})
                                             : json::parse(asked.body, failed);
        if (failed || !body.is_object())
          return answer.send_error(400, "the body is not a JSON object");
        all.modules.put({path.at("edge"), path.at("module")}, body.get_object(),
                        if_match_of(asked), answer);
      });
  add("DELETE", "/devices/{edge}/modules/{module}",
      [](const edge_calls& all, const request&, const path_parameters& path,
         const responder& answer) {
        all.modules.remove({path.at("edge"), path.at("module")}, {}, answer);
      });
}

} // namespace tidegate
