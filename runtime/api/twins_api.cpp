#include "runtime/api/twins_api.hpp"

#include <algorithm>
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
  std::string etag{http::find_header(asked.headers, "if-match").value_or("")};
  std::erase(etag, '"');
  return etag == "*" ? std::string{} : etag;
}

struct twins_api {
  twin_service_actor twins;
  std::string hub_host;
  actor_bridge actors;

  bool is_authority(const responder& answer) const {
    if (twins)
      return true;
    answer.send_error(409, "this node is a gateway; twins are managed at its "
                           "hub `"
                             + hub_host + "`");
    return false;
  }

  void get(const identity_id& id, const responder& answer) const {
    if (is_authority(answer))
      actors.ask<twin_document>(twins, get_twin_document{id}, show(answer),
                                tell_error(answer));
  }

  void change(const request& asked, const identity_id& id, bool replace,
              const responder& answer) const {
    if (!is_authority(answer))
      return;
    boost::system::error_code failed;
    const auto document = json::parse(asked.body, failed);
    if (failed || !document.is_object())
      return answer.send_error(400, "the body is not a JSON object");
    actors.ask<twin_document>(
      twins, change_twin{id, document.get_object(), replace, etag_in(asked)},
      show(answer), tell_error(answer));
  }

  static std::function<void(const twin_document&)>
  show(const responder& answer) {
    return [answer](const twin_document& twin) {
      answer.send({200, json::serialize(twin.value)});
    };
  }
};

} // namespace

void add_twins_api(http::router& to, twin_service_actor twins,
                   const std::string& hub_host, actor_bridge actors) {
  const auto shared = std::make_shared<const twins_api>(
    twins_api{std::move(twins), hub_host, std::move(actors)});
  for (const char* pattern : {"/twins/{device}", "/twins/{device}/{module}"}) {
    to.add("GET", pattern,
           [shared](const request&, const path_parameters& path,
                    responder answer) { shared->get(id_in(path), answer); });
    for (const char* method : {"PATCH", "PUT"})
      to.add(
        method, pattern,
        [shared, replace = std::string_view{method} == "PUT"](
          const request& asked, const path_parameters& path, responder answer) {
          shared->change(asked, id_in(path), replace, answer);
        });
  }
}

} // namespace tidegate
