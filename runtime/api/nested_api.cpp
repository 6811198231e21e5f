#include "runtime/api/nested_api.hpp"

#include "messages/iothub/identity_document.hpp"
#include "runtime/api/scope_document.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace tidegate {

namespace {

namespace json = boost::json;
using http::path_parameters;
using http::request;
using http::responder;

constexpr std::size_t largest_page = 100;

/// A request's body with what every one of these calls says.
struct nested_request {
  json::object body;
  std::string target; ///< the device at the beginning of the auth chain
};

std::string text_in(const json::object& body, std::string_view key) {
  const auto* value = body.if_contains(key);
  return value && value->is_string() ? std::string{value->get_string()}
                                     : std::string{};
}

struct nested_calls {
  identities_actor identities;
  actor_bridge actors;
  edge_caller caller;
  registry_calls modules;

  /// What `edge` asks for must be behind it.
  void list_scope(const nested_request& asked, const responder& answer) const {
    std::size_t count = largest_page;
    if (const auto* size = asked.body.if_contains("pageSize"))
      if (const auto* number = size->if_int64(); number && *number > 0)
        count = std::min<std::size_t>(static_cast<std::size_t>(*number),
                                      largest_page);
    actors.ask<std::vector<identity>>(
      identities,
      list_identities{.after = text_in(asked.body, "continuationLink"),
                      .most = count,
                      .behind = asked.target,
                      .directly = true},
      [answer, count](const std::vector<identity>& page) {
        const auto more = page.size() == count;
        answer.send(json_response(
          scope_document(page, more ? to_string(page.back().id) : "")));
      },
      tell_error(answer));
  }

  /// Its own `target...` fields name the identity; the caller must stand above
  /// it, which is looked at after the authority was asked.
  void send_identity(const request& asked, const std::string& edge,
                     const nested_request& read,
                     const responder& answer) const {
    const identity_id wanted{text_in(read.body, "targetDeviceId"),
                             text_in(read.body, "targetModuleId")};
    if (wanted.device.empty())
      return answer.send_error(400, "targetDeviceId: is needed");
    const auto send = [*this, wanted, edge, answer] {
      modules.send_device_and_module(wanted, edge, answer);
    };
    // Whether `edge` stands above itself is sure: this checks the token.
    caller.check_on_behalf(asked, edge, edge, answer, send);
  }

  void put(const request& asked, const nested_request& read,
           const responder& answer) const {
    const auto* module = read.body.if_contains("module");
    if (!module || !module->is_object())
      return answer.send_error(400, "module: is needed");
    const auto& document = module->get_object();
    const identity_id id{read.target, text_in(document, "moduleId")};
    if (!id.is_module())
      return answer.send_error(400, "module.moduleId: is needed");
    if (text_in(document, "deviceId") != id.device)
      return answer.send_error(400, "module.deviceId: is not the first of the "
                                    "auth chain");
    modules.put(id, document, if_match_of(asked), answer);
  }

  template <class Act>
  void with_module(const nested_request& read, const responder& answer,
                   Act act) const {
    const identity_id id{read.target, text_in(read.body, "targetModuleId")};
    if (!id.is_module())
      return answer.send_error(400, "targetModuleId: is needed");
    act(id);
  }
};

/// Reads the body; answers 400 when it is no object with an auth chain.
std::optional<nested_request> read(const request& asked,
                                   const responder& answer) {
  boost::system::error_code failed;
  auto body = json::parse(asked.body, failed);
  if (failed || !body.is_object()) {
    answer.send_error(400, "the body is not a JSON object");
    return std::nullopt;
  }
  nested_request made{std::move(body.get_object()), {}};
  const auto chain = text_in(made.body, "authChain");
  made.target = parse_identity_id(chain.substr(0, chain.find(';'))).device;
  if (made.target.empty()) {
    answer.send_error(400, "authChain: names nobody");
    return std::nullopt;
  }
  return made;
}

using nested_handler
  = std::function<void(const nested_calls&, const request&,
                       const nested_request&, const responder&)>;

} // namespace

void add_nested_api(http::router& to, identities_actor identities,
                    actor_bridge actors, edge_caller caller,
                    registry_calls modules) {
  const auto shared = std::make_shared<const nested_calls>(
    nested_calls{std::move(identities), std::move(actors), std::move(caller),
                 std::move(modules)});
  const std::string prefix = "/devices/{edge}/modules/$edgeHub/";
  const auto add
    = [&](const char* method, const char* name, nested_handler handle) {
        to.add(method, prefix + name,
               [shared, handle = std::move(handle)](const request& asked,
                                                    const path_parameters& path,
                                                    responder answer) {
                 const auto call = read(asked, answer);
                 if (!call)
                   return;
                 shared->caller.check_on_behalf(
                   asked, path.at("edge"), call->target, answer,
                   [shared, handle, asked, call, answer] {
                     handle(*shared, asked, *call, answer);
                   });
               });
      };
  add("POST", "devicesAndModulesInTargetDeviceScope",
      [](const nested_calls& all, const request&, const nested_request& call,
         const responder& answer) { all.list_scope(call, answer); });
  add("PUT", "putModuleOnBehalfOf",
      [](const nested_calls& all, const request& asked,
         const nested_request& call,
         const responder& answer) { all.put(asked, call, answer); });
  add("POST", "getModuleOnBehalfOf",
      [](const nested_calls& all, const request&, const nested_request& call,
         const responder& answer) {
        all.with_module(call, answer, [&](const identity_id& id) {
          all.modules.get(id, answer);
        });
      });
  add("POST", "deleteModuleOnBehalfOf",
      [](const nested_calls& all, const request&, const nested_request& call,
         const responder& answer) {
        all.with_module(call, answer, [&](const identity_id& id) {
          all.modules.remove(id, {}, answer);
        });
      });
  add("POST", "getModulesOnTargetDevice",
      [](const nested_calls& all, const request&, const nested_request& call,
         const responder& answer) { all.modules.list(call.target, answer); });
  to.add("POST", prefix + "getDeviceAndModuleOnBehalfOf",
         [shared](const request& asked, const path_parameters& path,
                  responder answer) {
           if (const auto call = read(asked, answer))
             shared->send_identity(asked, path.at("edge"), *call, answer);
         });
}

} // namespace tidegate
