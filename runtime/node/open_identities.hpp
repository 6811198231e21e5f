#pragma once

#include "storage/identity_store.hpp"

#include <caf/expected.hpp>
#include <filesystem>
#include <memory>

namespace tidegate {

struct opened_identities {
  std::shared_ptr<identity_store> store;
  seal_ptr key; ///< what seals them
  /// Records that did not open; at a gateway they have been set aside.
  std::size_t damaged = 0;
};

/// Opens the identities of a node with the key file at `key`, which is made at
/// the first start. What does not open with it, or a key file that is none any
/// more, a gateway (`learns`) sets aside, `aside` if given, and learns again
/// from its parent; a hub, whose identities exist nowhere else, gives them up
/// for nobody: it is an error when its key file is missing, or fits none of
/// them; those that do not open let nobody in.
caf::expected<opened_identities>
open_identities(database_ptr in, const std::filesystem::path& key, bool learns,
                quarantine* aside = nullptr);

} // namespace tidegate
