#pragma once

#include "actors/identity/identities.hpp"

#include <caf/result.hpp>

namespace tidegate {

// What an administrator does with the identities of this node. Each change is
// on disk before its effects begin.

caf::result<identity> put(identities_state& state, const put_identity& wish);

/// A device goes with its modules. Answers with what it was.
caf::result<identity> remove(identities_state& state,
                             const delete_identity& wish);

caf::result<std::vector<identity>> list(const identities_state& state,
                                        const list_identities& wish);

} // namespace tidegate
