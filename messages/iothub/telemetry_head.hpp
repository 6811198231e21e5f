#pragma once

#include "messages/iothub/auth_method.hpp"
#include "messages/message_head.hpp"

#include <optional>
#include <string>
#include <vector>

namespace tidegate {

/// What a telemetry message says about itself besides its payload.
struct telemetry_facts {
  /// Decoded property bag, names unique.
  std::vector<property> bag;
  bool retain = false; ///< adds user property `mqtt-retain`
  bool dup = false;    ///< adds user property `mqtt-dup`
  bool will = false;   ///< adds user property `MessageType=Will`
  /// The sender's `model-id`, when it told one at CONNECT.
  std::optional<std::string> model_id;
  /// By what it was let in, where that is told.
  auth_method method = auth_method::untold;
};

/// The head of a message that `sender` has sent over MQTT (edge-hub spec 1.5
/// and 1.7). System properties get their internal names; the sender's own ids
/// become `connectionDeviceId` and `connectionModuleId`, whatever the bag
/// says: entries with such names stay user properties.
head_ptr make_head(const identity_id& sender, telemetry_facts facts);

/// Adds the entries of a property bag to `head`: system properties under
/// their internal names, the others as user properties.
void add_bag(message_head& head, std::vector<property> bag);

} // namespace tidegate
