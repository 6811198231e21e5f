#pragma once

#include <string_view>

namespace tidegate {

/// True for a topic a message may be published to: not empty, no wildcard, a
/// valid MQTT string (MQTT 3.1.1, section 4.7).
bool valid_topic_name(std::string_view topic);

/// True for a filter that may be subscribed to: `+` and `#` stand alone in
/// their level, and `#` only in the last one.
bool valid_topic_filter(std::string_view filter);

/// Whether a valid `filter` selects a valid `topic`. `x/#` selects `x` too,
/// and a leading wildcard selects topics that begin with `$` as well, which
/// MQTT leaves out and this hub does not (edge-hub spec 1.4).
bool matches(std::string_view filter, std::string_view topic);

} // namespace tidegate
