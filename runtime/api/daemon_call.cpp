#include "runtime/api/daemon_call.hpp"

#include "messages/iothub/base64.hpp"

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>

namespace tidegate {

namespace {

/// In order of age.
constexpr std::array<std::string_view, 7> versions{
  "2018-06-28", "2019-01-30", "2019-10-22", "2019-11-05",
  "2020-07-07", "2021-12-07", "2022-08-03"};

} // namespace

bool has_api_version(const http::request& asked, const http::responder& answer,
                     std::string_view since) {
  const auto version = asked.query_value("api-version");
  if (!version) {
    answer.send_error(400, "api-version not specified");
    return false;
  }
  if (std::find(versions.begin(), versions.end(), *version) == versions.end()) {
    answer.send_error(400,
                      "unknown api-version `" + std::string{*version} + "`");
    return false;
  }
  if (*version >= since)
    return true;
  answer.send_error(404, "not found");
  return false;
}

std::optional<boost::json::object> body_object(const http::request& asked,
                                               const http::responder& answer) {
  const auto type = http::find_header(asked.headers, "content-type");
  if (asked.body.empty() || (type && !type->starts_with("application/json"))) {
    answer.send_error(400, "missing request body");
    return std::nullopt;
  }
  boost::system::error_code failed;
  auto body = boost::json::parse(asked.body, failed);
  if (!failed && body.is_object())
    return std::move(body.get_object());
  answer.send_error(422, "the body is not a JSON object");
  return std::nullopt;
}

std::optional<std::string> body_text(const boost::json::object& body,
                                     std::string_view name,
                                     const http::responder& answer) {
  const auto* value = body.if_contains(name);
  if (value && value->is_string())
    return std::string{value->get_string()};
  answer.send_error(422, "the body needs a text `" + std::string{name} + '`');
  return std::nullopt;
}

std::optional<std::string> body_bytes(const boost::json::object& body,
                                      std::string_view name,
                                      const http::responder& answer) {
  const auto text = body_text(body, name, answer);
  if (!text)
    return std::nullopt;
  auto bytes = base64_decode(*text);
  if (!bytes)
    answer.send_error(400, std::string{name} + ": is not base64");
  return bytes;
}

} // namespace tidegate
