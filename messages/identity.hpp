#pragma once

#include "messages/identity_id.hpp"

#include <cstdint>
#include <string>

namespace tidegate {

/// How an identity proves who it is.
enum class credential_kind : std::uint8_t {
  symmetric_key,
  thumbprint, ///< one of two certificates, known by their hash
  authority,  ///< a certificate in its name from an authority that is trusted
  none,
};

/// One device or module as its authority knows it (edge-hub spec 3.7).
struct identity {
  identity_id id;
  credential_kind credential = credential_kind::symmetric_key;
  std::string primary_key;   ///< base64
  std::string secondary_key; ///< base64
  /// Hex SHA-1 or SHA-256 of a certificate; either may be empty.
  std::string primary_thumbprint;
  std::string secondary_thumbprint;
  bool enabled = true;
  bool edge = false; ///< an edge device: may act for those below it
  /// The edge device this device is reached through; empty: directly. For an
  /// edge device its own parent in a nested site.
  std::string parent;
  std::string generation; ///< new whenever the identity is made anew
  std::string etag;       ///< new whenever anything about it changes
  std::string managed_by; ///< who owns a module identity; may be empty

  bool operator==(const identity&) const = default;
};

} // namespace tidegate
