#include "runtime/api/parent_client.hpp"

#include "messages/ec.hpp"
#include "messages/iothub/identity_document.hpp"
#include "messages/iothub/percent.hpp"
#include "messages/iothub/sas_signature.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <caf/send.hpp>
#include <chrono>

namespace tidegate {

namespace {

namespace json = boost::json;

constexpr auto token_life = std::chrono::minutes{10};
constexpr auto call_timeout = std::chrono::seconds{15};
constexpr auto scope_version = "2018-08-30-preview";
constexpr auto registry_version = "2021-04-12";

caf::error unexpected(const http::response& answer) {
  return caf::make_error(ec::refused, "the parent answered with "
                                        + std::to_string(answer.status) + ": "
                                        + answer.body.substr(0, 200));
}

caf::expected<json::object> parse_answer(const http::response& answer) {
  if (answer.status != 200 && answer.status != 201)
    return unexpected(answer);
  boost::system::error_code failed;
  auto document = json::parse(answer.body, failed);
  if (failed || !document.is_object())
    return caf::make_error(ec::refused,
                           "the parent's answer is not a JSON object");
  return std::move(document.get_object());
}

void take_identities(const json::object& from, std::string_view key,
                     std::vector<identity>& into) {
  const auto* list = from.if_contains(key);
  if (!list || !list->is_array())
    return;
  for (const auto& entry : list->get_array()) {
    std::string why;
    if (!entry.is_object())
      continue;
    if (auto found = parse_identity_document(entry.get_object(), why))
      into.push_back(std::move(*found));
  }
}

scope_answer read_scope(const identity_id& asked, const http::response& from) {
  scope_answer answer;
  const auto document = parse_answer(from);
  if (!document) {
    answer.error = document.error();
    return answer;
  }
  take_identities(*document, "devices", answer.found);
  take_identities(*document, "modules", answer.found);
  for (const auto& one : answer.found)
    if (one.id == asked)
      return answer;
  answer.missing.push_back(asked);
  return answer;
}

} // namespace

void parent_client::call(
  std::string method, std::string target, std::string body,
  std::function<void(caf::expected<http::response>)> done) {
  const auto expires
    = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())
      + token_life;
  auto token
    = mint_sas_token(access_.hub_host, access_.edge, access_.key, expires);
  if (!token) {
    done(caf::make_error(ec::bad_argument,
                         "the key of the connection string is not base64"));
    return;
  }
  http::call what;
  what.method = std::move(method);
  what.target = std::move(target);
  what.body = std::move(body);
  what.headers.emplace_back("Authorization", std::move(*token));
  what.timeout = call_timeout;
  http::fetch(loop_.context(), access_.server, std::move(what),
              std::move(done));
}

void parent_client::fetch(const identity_id& id, caf::actor who) {
  auto target = "/devices/" + percent_encode(access_.edge.device)
                + "/modules/%24edgeHub/deviceAndModuleInDeviceScope"
                  "?targetDeviceId="
                + percent_encode(id.device);
  if (id.is_module())
    target += "&targetModuleId=" + percent_encode(id.module);
  call("GET", target + "&api-version=" + scope_version, {},
       [id, who](const caf::expected<http::response>& got) {
         scope_answer answer;
         if (got)
           answer = read_scope(id, *got);
         else
           answer.error = got.error();
         caf::anon_send(who, std::move(answer));
       });
}

void parent_client::ensure_module(
  const std::string& module,
  std::function<void(caf::expected<identity>)> done) {
  const auto target = "/devices/" + percent_encode(access_.edge.device)
                      + "/modules/" + percent_encode(module)
                      + "?api-version=" + registry_version;
  const auto read = [done](const http::response& from) {
    const auto document = parse_answer(from);
    if (!document)
      return done(document.error());
    std::string why;
    auto made = parse_identity_document(*document, why);
    if (!made)
      return done(caf::make_error(ec::refused, "the parent's answer: " + why));
    done(std::move(*made));
  };
  const json::object wish{{"deviceId", access_.edge.device},
                          {"moduleId", module},
                          {"managedBy", "IotEdge"}};
  call("GET", target, {},
       [this, target, read, done, body = json::serialize(wish)](
         const caf::expected<http::response>& got) {
         if (!got)
           return done(got.error());
         if (got->status != 404)
           return read(*got);
         call("PUT", target, body,
              [read, done](const caf::expected<http::response>& made) {
                if (made)
                  read(*made);
                else
                  done(made.error());
              });
       });
}

} // namespace tidegate
