#pragma once

#include "messages/identity_id.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace tidegate {

/// An identity as a key of the store: `device 0 module`, without the module for
/// a device. Ids hold no control characters, so a device sorts directly before
/// its modules, and all of them between `device 0` and `device 1`.
inline std::string identity_key(const identity_id& id) {
  return id.device + '\0' + id.module;
}

/// The identity of such a key.
inline identity_id identity_of_key(std::string_view key) {
  const auto end = std::min(key.find('\0'), key.size());
  return {std::string{key.substr(0, end)},
          std::string{key.substr(std::min(end + 1, key.size()))}};
}

} // namespace tidegate
