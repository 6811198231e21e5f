#pragma once

#include "messages/broker/topic_template.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidegate {

/// How this node and a broker that is its parent understand each other.
struct broker_language {
  std::string edge; ///< the device that this node is, for `{edge}`
  topic_template telemetry;
  std::optional<topic_template> commands;
  /// Properties go into a JSON document around the body, in both directions;
  /// otherwise into the topic, as a property bag at its end.
  bool envelope = false;
};

/// The places that a topic for telemetry may have.
inline const std::vector<std::string_view> telemetry_places{"edge", "device",
                                                            "module", "output"};

/// The places that a topic for commands may have.
inline const std::vector<std::string_view> command_places{"edge", "device"};

} // namespace tidegate
