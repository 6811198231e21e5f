#include "actors/modules/module_status.hpp"

#include <array>

namespace tidegate {

namespace {

constexpr std::array<std::string_view, 7> names{
  "unknown", "running", "stopped", "failed", "backoff", "unhealthy", "dead"};

} // namespace

std::string_view to_string(runtime_status status) {
  return names[static_cast<std::size_t>(status)];
}

runtime_status status_after(const exit_cause& cause) {
  switch (cause.kind) {
  case exit_kind::finished:
  case exit_kind::stopped:
    return runtime_status::stopped;
  default:
    return runtime_status::failed;
  }
}

int exit_code(const exit_cause& cause) {
  switch (cause.kind) {
  case exit_kind::finished:
  case exit_kind::unhealthy:
    return 0;
  case exit_kind::stopped:
  case exit_kind::failed:
    return cause.code;
  case exit_kind::spawn_failed:
    return cause.code != 0 ? cause.code : 127;
  case exit_kind::killed:
    return 128 + cause.code;
  case exit_kind::out_of_memory:
    return 128 + 9;
  case exit_kind::unknown:
    break;
  }
  return -1;
}

} // namespace tidegate
