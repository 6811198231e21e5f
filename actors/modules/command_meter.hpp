#pragma once

#include "actors/metrics.hpp"
#include "messages/deployment/module_spec.hpp"

#include <array>
#include <chrono>
#include <memory>
#include <optional>

namespace tidegate {

/// What a module asks of its engine.
enum class module_command : std::uint8_t {
  create,
  prepare_update,
  remove,
  start,
  stop,
};

/// Counts the commands of one module, and measures how long each takes
/// (edge-agent spec 9).
class command_meter {
public:
  using time = std::chrono::steady_clock::time_point;

  /// `all` may be null.
  explicit command_meter(std::shared_ptr<metrics> all = {})
    : all_{std::move(all)} {}

  void begin(module_command what, const deployment::module_spec& of, time now);

  /// Done, or given up. Means nothing when it was not begun.
  void end(module_command what, time now);

private:
  std::shared_ptr<metrics> all_;
  std::array<std::optional<time>, 5> begun_;
};

} // namespace tidegate
