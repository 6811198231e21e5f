#pragma once

#include "actors/identity/identities.hpp"

namespace tidegate {

/// Does what follows from a change of an identity: what was removed or
/// disabled is disconnected, whoever may be concerned otherwise is verified
/// again (edge-hub spec 3.6), and gateways below are told. `before` is nothing
/// for a new identity, `now` for one that is gone.
void announce_change(identities_state& state,
                     const std::optional<identity>& before,
                     const std::optional<identity>& now);

/// Tells the gateways below that wait for it what is new for them.
void tell_gateways_below(identities_state& state);

} // namespace tidegate
