#pragma once

#include "messages/identity_id.hpp"

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/error.hpp>
#include <string>

namespace tidegate {

/// What the parent said of a client's own token.
struct token_verdict {
  identity_id id;
  std::string token;
  /// None: the parent takes it. `ec::unauthorized`: it does not;
  /// `ec::unavailable`: it could not be asked.
  caf::error why;
};

/// From the uplink: the parent does not take this token of a client any more.
struct own_token_refused {
  identity_id id;
  std::string token;
};

/// Has the parent check clients' own tokens, by what its protocol for devices
/// offers (edge-hub spec 3.3).
class token_checker {
public:
  virtual ~token_checker() = default;

  /// Returns at once. `who` gets the `token_verdict`, in any case.
  virtual void check(const identity_id& id, const std::string& token,
                     caf::actor who)
    = 0;
};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::token_verdict)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::own_token_refused)
