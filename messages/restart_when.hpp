#pragma once

#include <optional>
#include <string_view>

namespace tidegate {

/// When something that ended is started again: the four policies of a
/// deployment manifest (edge-agent spec 1.4), used for actors as well.
enum class restart_when {
  never,
  on_failure,   ///< it crashed
  on_unhealthy, ///< it crashed, or its health probe failed
  always,       ///< it ended in any way
};

/// `never`, `on-failure`, `on-unhealthy`, `always`.
std::string_view to_string(restart_when when);

/// Reads the written form; nothing for any other text.
std::optional<restart_when> parse_restart_when(std::string_view text);

} // namespace tidegate
