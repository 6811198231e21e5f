#pragma once

#include "runtime/engines/user_table.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace tidegate {

/// The user a module runs as. Without numbers it is the gateway's own.
struct module_user {
  std::optional<std::uint32_t> user, group;
  std::string problem; ///< empty when the module can run as this user
};

/// Finds `name`, `uid`, `name:group` or `uid:gid`; for empty text the user
/// that `own` has for the module, or the gateway's when that is null. Another
/// one than that takes a gateway that is root.
module_user find_module_user(const std::string& text, const std::string& module,
                             user_table* own);

} // namespace tidegate
