#pragma once

#include "actors/identity/identities.hpp"

namespace tidegate {

// How a gateway keeps what it knows as its parent does (edge-hub spec 3.7):
// a parent that tells changes is waited on all the time; the whole scope is
// read when such a parent says so, once an hour, and, from a parent that does
// not tell, when it can be reached again. And how this node tells the gateways
// below in the same way. Used inside the actor `identities`.

using identities_pointer = identities_actor::stateful_pointer<identities_state>;

void begin_following(identities_pointer self);

enum class ask_outcome {
  asked,  ///< an answer will come, maybe to somebody else's question
  enough, ///< there is no parent, or it was asked a moment ago
  busy    ///< it is asked too much
};

/// Asks the parent about `id`, unless that is under way.
ask_outcome ask_parent(identities_pointer self, const identity_id& id);

/// Asks it what has its turn now.
void ask_next(identities_pointer self);

/// Whether `answer` settles what was asked about `id`.
bool settles(const scope_answer& answer, const identity_id& id);

void take(identities_pointer self, const scope_answer& answer);
void take(identities_pointer self, const whole_scope& all);
void take(identities_pointer self, const scope_news& news);
void take(identities_pointer self, const uplink_changed& news);
void take(identities_pointer self, const scope_tick& tick);

caf::typed_response_promise<scope_news>
await_news(identities_pointer self, const await_scope_news& wish);

} // namespace tidegate
