#pragma once

#include "messages/message_head.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tidegate {

// Topics the hub publishes to (edge-hub spec 1.6). Names go in as they are,
// but what would make another level or a wildcard of them, or no topic at all,
// is percent-encoded; properties are all of them.

/// What a client is told about a message: user properties, then system
/// properties, under their bag keys. A system property wins over a user
/// property with its key, and what only the node says is left out where a
/// sender said it (`is_nodes_own`); the originator of a twin change replaces
/// the ids.
std::vector<property> outbound_properties(const message_head& head);

/// `devices/{d}/messages/devicebound[/{bag}]`
std::string c2d_topic(std::string_view device,
                      const std::vector<property>& properties);

/// `devices/{d}/modules/{m}/inputs/{input}[/{bag}]`
std::string input_topic(const identity_id& module, std::string_view input,
                        const std::vector<property>& properties);

/// `$iothub/twin/res/{status}/?$rid={rid}`
std::string twin_response_topic(int status, std::string_view rid);

/// `$iothub/twin/PATCH/properties/desired/?$version={version}`
std::string desired_topic(std::int64_t version);

/// `$iothub/methods/POST/{name}/?$rid={rid}`
std::string method_topic(std::string_view name, std::string_view rid);

} // namespace tidegate
