#pragma once

#include "actors/modules/engine_messages.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace tidegate::docker {

/// What is remembered of a container beside the engine: its labels cannot be
/// changed.
struct container_notes {
  std::string id; ///< of the container; notes on another one are void
  bool told_to_stop = false;
  restart_record restarts;
  std::string memo; ///< `module_launch::memo`

  bool operator==(const container_notes&) const = default;
};

std::string encode(const container_notes& notes);

/// Reads what `encode` wrote; nothing for any other text.
std::optional<container_notes> decode_notes(std::string_view text);

} // namespace tidegate::docker
