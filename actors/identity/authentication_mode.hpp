#pragma once

#include <cstdint>

namespace tidegate {

/// Who checks the tokens of a gateway's clients (edge-hub spec 3.3). Who shows
/// a certificate, or acts for others, is judged here in any mode.
enum class authentication_mode : std::uint8_t {
  scope, ///< this node, by what it knows of its scope
  /// The same; of whom is not in scope, the parent.
  cloud_and_scope,
  cloud, ///< the parent; not for production
};

} // namespace tidegate
