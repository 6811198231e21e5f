#include "runtime/api/registry_api.hpp"

#include "messages/iothub/identity_document.hpp"
#include "messages/iothub/sas_token.hpp"

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

http::response json_response(const json::value& value) {
  return {200, json::serialize(value)};
}

/// Everything the handlers share.
struct registry {
  identities_actor identities;
  actor_bridge actors;

  /// Calls `then` if the request carries a token of `edge` (or its hub or
  /// agent module) and `edge` is an edge device; answers with 401 otherwise.
  void with_edge(const request& asked, const std::string& edge,
                 const responder& answer, std::function<void()> then) const {
    const std::string token{
      http::find_header(asked.headers, "authorization").value_or("")};
    std::string_view why;
    const auto parsed = parse_sas_token(token, why);
    const auto audience
      = parsed ? parse_sas_audience(parsed->resource) : std::nullopt;
    if (!audience || !speaks_for(audience->id, edge)) {
      answer.send_error(401,
                        "a token of the edge device `" + edge + "` is needed");
      return;
    }
    const auto refused = [answer](const caf::error&) {
      answer.send_error(401, "the token was not accepted");
    };
    actors.ask<authenticated>(
      identities, authenticate{audience->id, token, {}},
      [*this, edge, answer, refused, then](const authenticated&) {
        actors.ask<identity>(
          identities, get_identity{{edge, {}}},
          [answer, then](const identity& found) {
            if (found.edge)
              then();
            else
              answer.send_error(401, "this is not an edge device");
          },
          refused);
      },
      refused);
  }

  static bool speaks_for(const identity_id& who, const std::string& edge) {
    return who.device == edge
           && (!who.is_module() || who.module == "$edgeHub"
               || who.module == "$edgeAgent");
  }

  void send_one(const identity_id& id, const responder& answer) const {
    actors.ask<identity>(
      identities, get_identity{id},
      [answer](const identity& found) {
        answer.send(json_response(identity_document(found)));
      },
      tell_error(answer));
  }

  /// Creates the module, or replaces it when `If-Match` says so.
  void put_module(const request& asked, const identity_id& id,
                  const responder& answer) const {
    boost::system::error_code failed;
    const auto document = asked.body.empty() ? json::value(json::object{})
                                             : json::parse(asked.body, failed);
    if (failed || !document.is_object()) {
      answer.send_error(400, "the body is not a JSON object");
      return;
    }
    auto named = document.get_object();
    named["deviceId"] = id.device;
    named["moduleId"] = id.module;
    std::string why;
    const auto value = parse_identity_document(named, why);
    if (!value) {
      answer.send_error(400, why);
      return;
    }
    auto match
      = std::string{http::find_header(asked.headers, "if-match").value_or("")};
    put_identity wish{*value, !match.empty(), match == "*" ? "" : match};
    std::erase(wish.if_match, '"');
    actors.ask<identity>(
      identities, std::move(wish),
      [answer](const identity& made) {
        answer.send(json_response(identity_document(made)));
      },
      tell_error(answer));
  }

  void remove_module(const identity_id& id, const responder& answer) const {
    actors.ask<identity>(
      identities, delete_identity{id},
      [answer](const identity&) {
        answer.send({204, {}});
      },
      tell_error(answer));
  }

  void list_modules(const std::string& edge, const responder& answer) const {
    actors.ask<std::vector<identity>>(
      identities, list_identities{{}, largest_page, {}, edge},
      [answer](const std::vector<identity>& all) {
        json::array modules;
        for (const auto& one : all)
          if (one.id.is_module())
            modules.emplace_back(identity_document(one));
        answer.send(json_response(modules));
      },
      tell_error(answer));
  }

  /// `devices`, `modules` and the link to the next page.
  static json::object scope_document(const std::vector<identity>& page,
                                     const std::string& next) {
    json::array devices;
    json::array modules;
    for (const auto& one : page)
      (one.id.is_module() ? modules : devices)
        .emplace_back(identity_document(one));
    return {{"devices", std::move(devices)},
            {"modules", std::move(modules)},
            {"continuationLink", next}};
  }

  void list_scope(const request& asked, const std::string& edge,
                  const responder& answer) const {
    std::size_t count = 10;
    if (const auto text = asked.query_value("deviceCount"))
      std::from_chars(text->data(), text->data() + text->size(), count);
    count = std::clamp<std::size_t>(count, 1, largest_page);
    const std::string after{
      asked.query_value("continuationToken").value_or("")};
    actors.ask<std::vector<identity>>(
      identities, list_identities{after, count, edge},
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
    actors.ask<std::vector<identity>>(
      identities, list_identities{{}, largest_page, edge, wanted.device},
      [answer, wanted](const std::vector<identity>& all) {
        std::vector<identity> found;
        for (const auto& one : all)
          if (!one.id.is_module() || one.id == wanted)
            found.push_back(one);
        answer.send(json_response(scope_document(found, "")));
      },
      tell_error(answer));
  }
};

using edge_handler = std::function<void(
  const registry&, const request&, const path_parameters&, const responder&)>;

} // namespace

void add_registry_api(http::router& to, identities_actor identities,
                      actor_bridge actors) {
  const auto shared = std::make_shared<const registry>(
    registry{std::move(identities), std::move(actors)});
  const auto add
    = [&](const char* method, const char* pattern, edge_handler handle) {
        to.add(method, pattern,
               [shared, handle = std::move(handle)](const request& asked,
                                                    const path_parameters& path,
                                                    responder answer) {
                 shared->with_edge(asked, path.at("edge"), answer,
                                   [shared, handle, asked, path, answer] {
                                     handle(*shared, asked, path, answer);
                                   });
               });
      };
  add("GET", "/devices/{edge}/modules/{hub}/devicesAndModulesInDeviceScope",
      [](const registry& all, const request& asked, const path_parameters& path,
         const responder& answer) {
        all.list_scope(asked, path.at("edge"), answer);
      });
  add("GET", "/devices/{edge}/modules/{hub}/deviceAndModuleInDeviceScope",
      [](const registry& all, const request& asked, const path_parameters& path,
         const responder& answer) {
        all.send_scope_of(asked, path.at("edge"), answer);
      });
  add(
    "GET", "/devices/{edge}/modules",
    [](const registry& all, const request&, const path_parameters& path,
       const responder& answer) { all.list_modules(path.at("edge"), answer); });
  add("GET", "/devices/{edge}/modules/{module}",
      [](const registry& all, const request&, const path_parameters& path,
         const responder& answer) {
        all.send_one({path.at("edge"), path.at("module")}, answer);
      });
  add("PUT", "/devices/{edge}/modules/{module}",
      [](const registry& all, const request& asked, const path_parameters& path,
         const responder& answer) {
        all.put_module(asked, {path.at("edge"), path.at("module")}, answer);
      });
  add("DELETE", "/devices/{edge}/modules/{module}",
      [](const registry& all, const request&, const path_parameters& path,
         const responder& answer) {
        all.remove_module({path.at("edge"), path.at("module")}, answer);
      });
}

} // namespace tidegate
