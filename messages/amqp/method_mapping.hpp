#pragma once

#include "messages/amqp/sections.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidegate::amqp {

/// Encodes a call of a client's method (edge-hub spec 2.9). A `rid` that is a
/// GUID becomes a uuid, which some SDKs insist on.
std::string write_method_request(std::string_view rid, std::string_view name,
                                 std::string_view payload);

/// What a client answered; its body is read as any other.
struct method_answer {
  std::string rid;
  std::optional<std::int32_t> status; ///< nothing: not readable
};

/// Reads an answer; nothing when it does not say to which call.
std::optional<method_answer> read_method_answer(const message_sections& from);

/// The client's end: a call; its body is read as any other.
struct method_call {
  /// The encoded `correlation-id`, to be echoed as it is.
  std::string_view correlation;
  std::string_view name;
};

/// Reads a call; nothing when it has no correlation id or names no method.
std::optional<method_call> read_method_call(const message_sections& from);

/// Encodes the answer to a call with the encoded correlation id `correlation`.
std::string write_method_answer(std::string_view correlation,
                                std::int32_t status, std::string_view payload);

} // namespace tidegate::amqp
