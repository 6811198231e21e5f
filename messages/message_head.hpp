#pragma once

#include "messages/identity_id.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidegate {

/// One message property. A property may be present with no value (`key` or
/// `key=` in a property bag), which is not the same as being absent.
struct property {
  std::string name;
  std::optional<std::string> value;

  bool operator==(const property&) const = default;
};

/// Everything about a message but its payload. Immutable once shared: clients
/// repeat the same topic, so thousands of messages share one head.
struct message_head {
  /// The authenticated sender; never taken from the message itself.
  identity_id sender;
  /// System properties under their internal names (edge-hub spec 1.7 and
  /// 2.5: `messageId`, `cid`, `contentType`, `connectionDeviceId`, ...).
  std::vector<property> system;
  /// User properties in the order sent. Names compare without case.
  std::vector<property> user;

  bool operator==(const message_head&) const = default;
};

/// The system property that a hub itself adds (`messages/iothub/auth_method`).
inline constexpr std::string_view auth_method_property = "connectionAuthMethod";

using head_ptr = std::shared_ptr<const message_head>;

/// True when both texts are equal, ASCII letters compared without case.
bool equal_without_case(std::string_view a, std::string_view b);

/// The property called `name` (any case), or null.
const property* find_property(const std::vector<property>& in,
                              std::string_view name);

/// Sets `name` (any case) to `value`, replacing an earlier entry.
void set_property(std::vector<property>& in, std::string_view name,
                  std::optional<std::string> value);

/// Sum of the lengths of all keys and values (edge-hub spec, section 9), but of
/// what the hub alone adds. Never less at this node than at the ones above it:
/// what they write in a longer form counts as long as there.
std::size_t properties_size(const message_head& head);

/// Where routes see this message come from (edge-hub spec 4.1):
/// `/messages/modules/pump/outputs/vib`, `/messages`, ...
std::string message_source(const message_head& head);

} // namespace tidegate
