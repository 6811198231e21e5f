#include "runtime/api/service_error.hpp"

#include "messages/ec.hpp"

#include <boost/json.hpp>

namespace tidegate {

namespace {

std::string_view code_of(unsigned status, bool of_module) {
  switch (status) {
  case 400:
    return "ArgumentInvalid";
  case 401:
    return "IotHubUnauthorizedAccess";
  case 403:
    return "IotHubQuotaExceeded";
  case 404:
    return of_module ? "ModuleNotFound" : "DeviceNotFound";
  case 409:
    return of_module ? "ModuleAlreadyExistsOnDevice" : "DeviceAlreadyExists";
  case 412:
    return "PreconditionFailed";
  case 503:
    return "ServiceUnavailable";
  case 504:
    return "GatewayTimeout";
  default:
    return "ServerError";
  }
}

} // namespace

http::response service_error(unsigned status, std::string_view code,
                             std::string_view text) {
  boost::json::object body;
  body["Message"]
    = std::string{"ErrorCode:"}.append(code).append(";").append(text);
  body["ExceptionMessage"] = text;
  http::response made{status, boost::json::serialize(body)};
  made.headers.emplace_back("iothub-errorcode", std::string{code});
  return made;
}

std::function<void(const caf::error&)>
tell_service_error(http::responder answer, const identity_id& id) {
  return [answer, of_module = id.is_module()](const caf::error& error) {
    const auto status = http_status(error);
    answer.send(
      service_error(status, code_of(status, of_module), error_text(error)));
  };
}

std::function<void(const caf::error&)>
tell_method_error(http::responder answer) {
  return [answer](const caf::error& error) {
    const auto status = http_status(error);
    const auto code
      = status == 404 ? "DeviceNotOnline" : code_of(status, false);
    answer.send(service_error(status, code, error_text(error)));
  };
}

} // namespace tidegate
