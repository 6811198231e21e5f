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

} // namespace tidegate
