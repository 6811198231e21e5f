#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tidegate {

/// What a link of a service is about.
enum class service_resource {
  commands,   ///< cloud-to-device messages, for any device
  feedback,   ///< what became of them
  events,     ///< a partition of the event log
  management, ///< questions about the event log
};

struct service_address {
  service_resource resource = service_resource::commands;
  std::string entity;    ///< events: which log
  std::string group;     ///< events: the consumer group
  std::string partition; ///< events
  /// `/` and the address, as a token's audience names it.
  std::string path;

  bool operator==(const service_address&) const = default;
};

/// Reads the address of a service's link, compared without case:
/// `messages/devicebound`, `messages/serviceBound/feedback`,
/// `{entity}/ConsumerGroups/{group}/Partitions/{n}`, `[{entity}/]$management`.
/// Nothing when it is none of them.
std::optional<service_address> parse_service_address(std::string_view text);

} // namespace tidegate
