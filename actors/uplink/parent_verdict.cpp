#include "actors/uplink/parent_verdict.hpp"

#include <algorithm>
#include <array>

namespace tidegate {

namespace {

/// Conditions that pass. Everything else condemns the message.
constexpr std::array<std::string_view, 17> passing{
  "amqp:internal-error",
  "amqp:resource-limit-exceeded",
  "amqp:resource-locked",
  "amqp:resource-deleted",
  "amqp:unauthorized-access",
  "amqp:not-found",
  "amqp:illegal-state",
  "amqp:connection:forced",
  "amqp:session:window-violation",
  "amqp:link:detach-forced",
  "amqp:link:transfer-limit-exceeded",
  "amqp:link:stolen",
  "com.microsoft:device-container-throttled",
  "com.microsoft:server-busy",
  "com.microsoft:timeout",
  "com.microsoft:iot-hub-suspended",
  "com.microsoft:iot-hub-not-found-error",
};

} // namespace

delivery_result verdict_of_rejection(std::string_view condition) {
  return std::find(passing.begin(), passing.end(), condition) != passing.end()
           ? delivery_result::retry
           : delivery_result::poison;
}

bool says_unknown(std::string_view condition) {
  return condition == "amqp:not-found";
}

bool says_failed_over(std::string_view condition) {
  return condition == "com.microsoft:iot-hub-not-found-error";
}

ec refusal_of(std::string_view condition) {
  if (says_unknown(condition))
    return ec::not_found;
  if (condition == "amqp:not-allowed"
      || condition == "amqp:unauthorized-access")
    return ec::unauthorized;
  return ec::unavailable;
}

ec refusal_of(int status) {
  switch (status) {
  case 400:
  case 413:
    return ec::bad_argument;
  case 401:
  case 403:
    return ec::unauthorized;
  case 404:
    return ec::not_found;
  case 408:
  case 504:
    return ec::timed_out;
  default:
    return ec::unavailable;
  }
}

} // namespace tidegate
