#include "actors/supervision/exit_cause.hpp"

#include "messages/error_text.hpp"

#include <caf/exit_reason.hpp>

namespace tidegate {

namespace {

std::string outline(const exit_cause& cause) {
  switch (cause.kind) {
  case exit_kind::finished:
    return "finished";
  case exit_kind::stopped:
    return "stopped";
  case exit_kind::failed:
    return cause.code != 0 ? "exit code " + std::to_string(cause.code)
                           : "failed";
  case exit_kind::killed:
    return cause.code != 0 ? "killed by signal " + std::to_string(cause.code)
                           : "killed";
  case exit_kind::out_of_memory:
    return "out of memory";
  case exit_kind::spawn_failed:
    return "could not be started";
  case exit_kind::unhealthy:
    return "unhealthy";
  case exit_kind::unknown:
    break;
  }
  return "ended, nobody saw how";
}

} // namespace

std::string to_string(const exit_cause& cause) {
  auto text = outline(cause);
  if (!cause.detail.empty())
    text.append(": ").append(cause.detail);
  return text;
}

exit_cause classify(const caf::error& reason) {
  if (!reason || reason == caf::exit_reason::normal)
    return {exit_kind::finished, 0, {}};
  if (reason == caf::exit_reason::user_shutdown)
    return {exit_kind::stopped, 0, {}};
  if (reason == caf::exit_reason::kill)
    return {exit_kind::killed, 0, {}};
  return {exit_kind::failed, 0, error_text(reason)};
}

} // namespace tidegate
