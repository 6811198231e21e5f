#include "runtime/api/workload_api.hpp"

#include "messages/error_text.hpp"
#include "messages/iothub/base64.hpp"
#include "runtime/http/router.hpp"

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <memory>

namespace tidegate {

namespace {

namespace json = boost::json;
using http::path_parameters;
using http::request;
using http::responder;

constexpr std::array<std::string_view, 7> versions{
  "2018-06-28", "2019-01-30", "2019-10-22", "2019-11-05",
  "2020-07-07", "2021-12-07", "2022-08-03"};

/// A version that is asked for, or why it is none.
bool check_version(const request& asked, const responder& answer) {
  const auto version = asked.query_value("api-version");
  if (!version) {
    answer.send_error(400, "api-version not specified");
    return false;
  }
  if (std::find(versions.begin(), versions.end(), *version) != versions.end())
    return true;
  answer.send_error(400, "unknown api-version `" + std::string{*version} + "`");
  return false;
}

/// The text at `data` of the body, decoded; otherwise answers and returns
/// nothing.
std::optional<std::string> data_of(const request& asked,
                                   const responder& answer) {
  const auto type = http::find_header(asked.headers, "content-type");
  if (asked.body.empty() || (type && !type->starts_with("application/json"))) {
    answer.send_error(400, "missing request body");
    return std::nullopt;
  }
  boost::system::error_code failed;
  const auto body = json::parse(asked.body, failed);
  const auto* object = failed ? nullptr : body.if_object();
  const auto* data = object ? object->if_contains("data") : nullptr;
  if (!data || !data->is_string()) {
    answer.send_error(422, "the body needs a text `data`");
    return std::nullopt;
  }
  auto decoded = base64_decode(std::string_view{data->get_string()});
  if (!decoded)
    answer.send_error(400, "data: is not base64");
  return decoded;
}

void sign(const workload_context& with, const request& asked,
          const path_parameters& path, const responder& answer) {
  const auto own = path.at("module") == with.module && asked.process
                   && with.is_own_process(asked.process->pid);
  if (!own)
    return answer.send_error(403, "forbidden");
  const auto data = data_of(asked, answer);
  if (!data)
    return;
  const auto digest = with.sign(*data);
  if (!digest)
    return answer.send_error(500, error_text(digest.error()));
  answer.send(
    {200, json::serialize(json::object{{"digest", base64_encode(*digest)}})});
}

void trust_bundle(const workload_context& with, const responder& answer) {
  const auto bundle = with.trust_bundle();
  if (bundle.empty())
    return answer.send_error(404, "this node has no trust bundle");
  answer.send({200, json::serialize(json::object{{"certificate", bundle}})});
}

} // namespace

http::handler workload_api(workload_context context) {
  const auto with
    = std::make_shared<const workload_context>(std::move(context));
  auto calls = std::make_shared<http::router>(400);
  calls->add("POST", "/modules/{module}/genid/{generation}/sign",
             [with](const request& asked, const path_parameters& path,
                    responder answer) { sign(*with, asked, path, answer); });
  calls->add("GET", "/trust-bundle",
             [with](const request&, const path_parameters&, responder answer) {
               trust_bundle(*with, answer);
             });
  return [calls](const request& asked, responder answer) {
    if (check_version(asked, answer))
      (*calls)(asked, std::move(answer));
  };
}

} // namespace tidegate
