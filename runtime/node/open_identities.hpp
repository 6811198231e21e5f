#pragma once

#include "storage/identity_store.hpp"

#include <caf/expected.hpp>
#include <filesystem>
#include <memory>

namespace tidegate {

struct opened_identities {
  std::shared_ptr<identity_store> store;
  seal_ptr key; ///< what seals them
  /// Records that did not open; at a gateway they have been removed.
  std::size_t damaged = 0;
};

/// Opens the identities of a node with the key file at `key`, which is made at
/// the first start. What does not open with it, a gateway (`learns`) learns
/// again from its parent; a hub, whose identities exist nowhere else, gives
/// them up for nobody: it is an error when its key file is missing, or fits
/// none of them.
caf::expected<opened_identities>
open_identities(database_ptr in, const std::filesystem::path& key, bool learns);

} // namespace tidegate
