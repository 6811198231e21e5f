#pragma once

#include "messages/deployment/log_request.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace tidegate::deployment {

// What a direct method of `$edgeAgent` asks for (edge-agent spec 7).

struct ping_call {};

struct restart_call {
  std::string module;
};

struct logs_call {
  log_request wanted;
};

struct upload_logs_call {
  log_request wanted;
  std::string sas_url;
};

struct upload_bundle_call {
  std::string sas_url;
  std::optional<std::int64_t> since, until; ///< milliseconds since 1970
  bool runtime_only = false;
};

struct task_call {
  std::string correlation;
};

using agent_call
  = std::variant<ping_call, restart_call, logs_call, upload_logs_call,
                 upload_bundle_call, task_call>;

/// Why a call is not carried out, as its caller is told.
struct call_refusal {
  int status = 400;
  std::string message;
};

/// Reads the call of the method `name`, compared without case, with `payload`,
/// JSON text or nothing. `now`, in milliseconds since 1970, is what times ago
/// are taken from.
std::variant<agent_call, call_refusal> read_agent_call(std::string_view name,
                                                       std::string_view payload,
                                                       std::int64_t now);

/// The name of a method as it is known, for metrics; `other` for one that there
/// is not.
std::string_view known_method(std::string_view name);

} // namespace tidegate::deployment
