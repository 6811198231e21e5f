#include "runtime/api/twins_api.hpp"

#include "messages/ec.hpp"
#include "runtime/api/registry_calls.hpp"

#include <boost/json.hpp>
#include <memory>

namespace tidegate {

namespace {

namespace json = boost::json;
using http::path_parameters;
using http::request;
using http::responder;

identity_id id_in(const path_parameters& path) {
  const auto module = path.find("module");
  return {path.at("device"),
          module == path.end() ? std::string{} : module->second};
}

/// The etag without quotes; nothing for `*`, which is any.
std::string etag_in(const request& asked) {
  auto etag = if_match_of(asked);
  return etag == "*" ? std::string{} : etag;
}

std::function<void(const twin_document&)> show(const responder& answer) {
  return [answer](const twin_document& twin) {
    answer.send({200, json::serialize(twin.value)});
  };
}

} // namespace

void twin_calls::get(const identity_id& id, const responder& answer) const {
  actors.ask<twin_document>(twins, get_twin_document{id}, show(answer),
                            tell(answer, id));
}

void twin_calls::change(const request& asked, const identity_id& id,
                        const responder& answer) const {
  boost::system::error_code failed;
  const auto document = json::parse(asked.body, failed);
  if (failed || !document.is_object())
    return tell(answer, id)(
      caf::make_error(ec::bad_argument, "the body is not a JSON object"));
  actors.ask<twin_document>(twins,
                            change_twin{id, document.get_object(),
                                        asked.method == "PUT", etag_in(asked)},
                            show(answer), tell(answer, id));
}

void add_twins_api(http::router& to, twin_service_actor twins,
                   const std::string& hub_host, actor_bridge actors) {
  const auto calls = std::make_shared<const twin_calls>(
    twin_calls{std::move(twins), std::move(actors)});
  const auto add = [&](const char* method, const char* pattern, auto handle) {
    to.add(method, pattern,
           [calls, hub_host, handle](const request& asked,
                                     const path_parameters& path,
                                     responder answer) {
             if (calls->twins)
               handle(*calls, asked, id_in(path), answer);
             else
               answer.send_error(409, "this node is a gateway; twins are "
                                      "managed at its hub `"
                                        + hub_host + "`");
           });
  };
  using self = const twin_calls&;
  using ask = const request&;
  using of = const identity_id&;
  using out = const responder&;
  for (const char* pattern : {"/twins/{device}", "/twins/{device}/{module}"}) {
    add("GET", pattern,
        [](self c, ask, of id, out answer) { c.get(id, answer); });
    for (const char* method : {"PATCH", "PUT"})
      add(method, pattern,
          [](self c, ask r, of id, out answer) { c.change(r, id, answer); });
  }
}

} // namespace tidegate
