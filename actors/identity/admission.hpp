#pragma once

#include "actors/identity/identities.hpp"

namespace tidegate {

// Who is let in, and what those hear who are not. Used inside the actor
// `identities`.

/// Answers at once, or when the parent has answered.
caf::typed_response_promise<authenticated>
decide(identities_actor::stateful_pointer<identities_state> self,
       const authenticate& wish);

/// The parent has answered about the client's identity, or could not be asked
/// (`heard` is false).
void settle(identities_actor::stateful_pointer<identities_state> self,
            identities_state::waiting_client client, bool heard);

/// The parent has answered about a client's own token.
void take(identities_actor::stateful_pointer<identities_state> self,
          const token_verdict& verdict);

/// The parent does not take the token any more.
void take(identities_actor::stateful_pointer<identities_state> self,
          const own_token_refused& news);

} // namespace tidegate
