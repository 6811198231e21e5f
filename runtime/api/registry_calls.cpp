#include "runtime/api/registry_calls.hpp"

#include "messages/ec.hpp"
#include "messages/iothub/identity_document.hpp"
#include "runtime/api/scope_document.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <caf/send.hpp>

namespace tidegate {

namespace {

namespace json = boost::json;
using http::responder;

/// Modules of one device at most, in a list.
constexpr std::size_t most_modules = 1000;

/// What the parent answered, read as a module.
std::optional<identity> module_in(const http::response& answer) {
  boost::system::error_code failed;
  const auto document = json::parse(answer.body, failed);
  std::string why;
  if (failed || !document.is_object())
    return std::nullopt;
  return parse_identity_document(document.get_object(), why);
}

/// An etag as a header has it.
std::string quoted(const std::string& etag) {
  return etag.empty() || etag == "*" ? etag : '"' + etag + '"';
}

bool is_success(const http::response& answer) {
  return answer.status >= 200 && answer.status < 300;
}

} // namespace

http::response json_response(const json::value& value) {
  return {200, json::serialize(value)};
}

std::string if_match_of(const http::request& asked) {
  std::string etag{http::find_header(asked.headers, "if-match").value_or("")};
  std::erase(etag, '"');
  return etag;
}

void registry_calls::get(const identity_id& id, const responder& answer) const {
  if (parent_)
    return relay(
      "getModuleOnBehalfOf", id.device, {{"targetModuleId", id.module}}, {},
      [](const http::response&) {}, answer);
  actors_.ask<identity>(
    identities_, get_identity{id},
    [answer](const identity& found) {
      answer.send(json_response(identity_document(found)));
    },
    tell_(answer, id));
}

void registry_calls::put(const identity_id& id, json::object document,
                         const std::string& if_match,
                         const responder& answer) const {
  document["deviceId"] = id.device;
  if (id.is_module())
    document["moduleId"] = id.module;
  else
    document.erase("moduleId");
  if (!parent_)
    return put_here(id, document, if_match, answer);
  const auto learn = [known = identities_](const http::response& made) {
    if (auto one = module_in(made); one && is_success(made))
      caf::anon_send(known, scope_answer{{std::move(*one)}, {}, {}});
  };
  relay("putModuleOnBehalfOf", id.device, {{"module", std::move(document)}},
        if_match, learn, answer);
}

void registry_calls::put_here(const identity_id& id,
                              const json::object& document,
                              const std::string& if_match,
                              const responder& answer) const {
  std::string why;
  const auto value = parse_identity_document(document, why);
  if (!value)
    return tell_(answer, id)(caf::make_error(ec::bad_argument, why));
  actors_.ask<identity>(
    identities_,
    put_identity{*value, !if_match.empty(), if_match == "*" ? "" : if_match},
    [answer](const identity& made) {
      answer.send(json_response(identity_document(made)));
    },
    tell_(answer, id));
}

void registry_calls::remove(const identity_id& id, const std::string& if_match,
                            const responder& answer) const {
  if (parent_) {
    const auto learn = [known = identities_, id](const http::response& done) {
      if (is_success(done))
        caf::anon_send(known, scope_answer{{}, {id}, {}});
    };
    return relay("deleteModuleOnBehalfOf", id.device,
                 {{"targetModuleId", id.module}}, {}, learn, answer);
  }
  actors_.ask<identity>(
    identities_, delete_identity{id, if_match == "*" ? "" : if_match},
    [answer](const identity&) {
      answer.send({204, {}});
    },
    tell_(answer, id));
}

void registry_calls::list(const std::string& device,
                          const responder& answer) const {
  if (parent_)
    return relay(
      "getModulesOnTargetDevice", device, {}, {}, [](const http::response&) {},
      answer);
  actors_.ask<std::vector<identity>>(
    identities_, list_identities{.most = most_modules, .device = device},
    [answer](const std::vector<identity>& all) {
      json::array modules;
      for (const auto& one : all)
        if (one.id.is_module())
          modules.emplace_back(identity_document(one));
      answer.send(json_response(modules));
    },
    tell_(answer, {device, {}}));
}

void registry_calls::send_device_and_module(const identity_id& id,
                                            const std::string& edge,
                                            const responder& answer) const {
  const auto send = [all = *this, id, edge, answer](const auto&) {
    all.actors_.ask<std::vector<identity>>(
      all.identities_,
      list_identities{
        .most = most_modules, .behind = edge, .device = id.device},
      [answer, id](const std::vector<identity>& known) {
        std::vector<identity> found;
        for (const auto& one : known)
          if (!one.id.is_module() || one.id == id)
            found.push_back(one);
        answer.send(json_response(scope_document(found)));
      },
      tell_error(answer));
  };
  // What is known here is told also when the parent cannot be asked.
  actors_.ask<identity_refreshed>(identities_, refresh_identity{id}, send,
                                  send);
}

/// The target's chain is known here: from it up to this node.
void registry_calls::relay(const std::string& name, const std::string& device,
                           json::object body, const std::string& if_match,
                           std::function<void(const http::response&)> learn,
                           const responder& answer) const {
  const auto pass_on
    = [learn, answer](const caf::expected<http::response>& got) {
        if (!got)
          return answer.send_error(503, error_text(got.error()));
        learn(*got);
        answer.send(*got);
      };
  actors_.ask<std::string>(
    identities_, get_auth_chain{device},
    [all = *this, name, body, if_match, pass_on](const std::string& chain) {
      auto with = body;
      with["authChain"] = chain;
      all.parent_->call_on_behalf(
        name,
        {.method = name == "putModuleOnBehalfOf" ? "PUT" : "POST",
         .body = json::serialize(with),
         .if_match = quoted(if_match)},
        pass_on);
    },
    tell_error(answer));
}

} // namespace tidegate
