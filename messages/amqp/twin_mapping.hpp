#pragma once

#include "messages/amqp/sections.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidegate::amqp {

/// What a client asks on its twin link (edge-hub spec 2.8).
enum class twin_verb {
  get,
  patch,     ///< reported properties
  subscribe, ///< PUT: to desired properties
  unsubscribe
};

struct twin_request {
  twin_verb verb = twin_verb::get;
  /// The encoded `correlation-id`, to be echoed as it is. Empty when the
  /// client wants no answer.
  std::string_view correlation;
};

/// Reads a request; its body is read as any other. Nothing, with the reason in
/// `why`, when it has no correlation id or names no operation.
std::optional<twin_request> read_twin_request(const message_sections& from,
                                              std::string& why);

/// Encodes an answer: `status` as in edge-hub spec 1.11; `body` may be empty.
std::string write_twin_reply(std::string_view correlation, int status,
                             std::string_view body);

/// Encodes a change of desired properties, which has neither correlation id
/// nor status: that is how clients tell it from an answer.
std::string write_desired_update(std::string_view patch);

/// The client's end: encodes a request. `correlation` must not be empty.
std::string write_twin_request(twin_verb verb, std::string_view correlation,
                               std::string_view body);

/// What the hub sent on a twin link; its body is read as any other.
struct twin_notice {
  /// Of the request that this answers; empty: desired properties changed.
  std::string correlation;
  std::optional<std::int32_t> status; ///< nothing: not readable
  std::int64_t version = 0;           ///< of reported properties, if it is told
};

/// Reads what came on a twin link.
twin_notice read_twin_notice(const message_sections& from);

} // namespace tidegate::amqp
