#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace tidegate {

/// The user a module runs as. Without numbers it is the gateway's own.
struct module_user {
  std::optional<std::uint32_t> user, group;
  std::string problem; ///< empty when the module can run as this user
};

/// Finds `name`, `uid`, `name:group` or `uid:gid`; empty text is the
/// gateway's own user. Another one takes a gateway that is root.
module_user find_module_user(const std::string& text);

} // namespace tidegate
