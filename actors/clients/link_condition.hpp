#pragma once

#include <caf/error.hpp>

#include <string>

struct pn_condition_t;

namespace tidegate {

/// Why a link, a connection or a delivery is refused: an AMQP condition and a
/// sentence for whoever reads the client's log.
struct link_condition {
  const char* name = "";
  std::string description;
};

// Conditions the product uses (edge-hub spec 2.4 and 2.7).
namespace condition {
inline constexpr auto not_found = "amqp:not-found";
inline constexpr auto not_allowed = "amqp:not-allowed";
inline constexpr auto not_implemented = "amqp:not-implemented";
inline constexpr auto unauthorized = "amqp:unauthorized-access";
inline constexpr auto limit_exceeded = "amqp:resource-limit-exceeded";
inline constexpr auto internal_error = "amqp:internal-error";
inline constexpr auto decode_error = "amqp:decode-error";
inline constexpr auto message_too_large = "amqp:link:message-size-exceeded";
inline constexpr auto stolen = "amqp:link:stolen";
inline constexpr auto detach_forced = "amqp:link:detach-forced";
inline constexpr auto framing_error = "amqp:connection:framing-error";
inline constexpr auto out_of_range = "com.microsoft:argument-out-of-range";
inline constexpr auto throttled = "com.microsoft:device-container-throttled";
} // namespace condition

/// What a client is told when its messages could not be stored
/// (edge-hub spec 2.7).
link_condition storing_failed(const caf::error& error);

/// What a client is told when its identity was not accepted
/// (edge-hub spec 2.4).
link_condition joining_failed(const caf::error& error);

void set(pn_condition_t* target, const link_condition& why);

} // namespace tidegate
