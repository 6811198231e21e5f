#pragma once

#include "messages/identity_id.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tidegate {

// The call of a direct method over HTTP (edge-hub spec 8).

inline constexpr std::size_t largest_method_payload = 131'072;
inline constexpr std::chrono::seconds shortest_response_timeout{5};
inline constexpr std::chrono::seconds longest_method_timeout{300};

struct method_call {
  std::string name;
  /// JSON text as the caller wrote it; `null` when there was none, for clients
  /// that take an empty payload for broken JSON.
  std::string payload = "null";
  std::chrono::seconds connect_timeout{0};
  std::chrono::seconds response_timeout{30};
};

/// Reads `{"methodName":"..","payload":..,"responseTimeoutInSeconds":n,
/// "connectTimeoutInSeconds":n}`; names compare without case, others are
/// ignored. On failure returns nothing and says in `why` what is wrong.
std::optional<method_call> parse_method_call(std::string_view body,
                                             std::string& why);

/// Reads the header `x-ms-edge-moduleId`: `device/module`.
std::optional<identity_id> parse_calling_module(std::string_view header);

/// `{"status":n,"payload":..}`. A payload that is no JSON is told as text, one
/// that is not even text as null.
std::string method_answer(std::int32_t status, std::string_view payload);

} // namespace tidegate
