#pragma once

#include "messages/identity_id.hpp"
#include "messages/iothub/auth_method.hpp"
#include "messages/vouched_certificate.hpp"

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/error.hpp>
#include <caf/typed_actor.hpp>
#include <string>

namespace tidegate {

/// Asks whether a client may act as `id` (edge-hub spec 3.1 to 3.6).
struct authenticate {
  identity_id id;
  /// The full `SharedAccessSignature ...` text; empty when none was given.
  std::string token;
  /// Ids joined by `;`, target first, acting edge device last; empty when the
  /// client speaks for itself (edge-hub spec 12.1).
  std::string auth_chain;
  /// The certificate it showed on TLS, PEM, leaf first; empty when none. A
  /// token wins over it (edge-hub spec 1.2).
  std::string certificate;
  /// It was let in before: only what is known here decides.
  bool again = false;
  /// One that it showed to a proxy. It counts before the other, if the proxy
  /// may pass certificates on.
  vouched_certificate vouched = {};
  /// Only to see whether it would be let in, by what is known here: a refusal
  /// is neither logged nor counted.
  bool beforehand = false;
};

/// The client is who it says. `expires` is when what it showed ends.
struct authenticated {
  identity_id id;
  std::int64_t expires = 0; ///< seconds since 1970
  /// By what it was let in; told at a hub only, which adds it to messages.
  auth_method method = auth_method::untold;
};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::authenticate)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::authenticated)

namespace tidegate {

/// Who may connect. Answers with `authenticated`, or an error: `unauthorized`
/// with the reason for the log, `unavailable` when nothing can be decided,
/// `not_found` when the authority has said that whom an edge device acts for
/// is not there, disabled, or not behind it.
using authenticator_actor
  = caf::typed_actor<caf::replies_to<authenticate>::with<authenticated>>;

} // namespace tidegate
