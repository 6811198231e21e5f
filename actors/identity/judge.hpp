#pragma once

#include "actors/identity/identity_messages.hpp"
#include "messages/identity.hpp"
#include "messages/iothub/sas_token.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tidegate {

/// Looks an identity up among those known here.
using identity_lookup
  = std::function<std::optional<identity>(const identity_id&)>;

/// What came of judging a client's credentials.
struct judgement {
  enum class kind {
    valid,
    /// The identity (or one it depends on) is not known here: its authority
    /// may know more.
    unknown,
    /// An edge device that is who it says acts for an identity that is not
    /// known, disabled, or not behind it: the authority may know more.
    absent,
    /// Known and wrong: the authority may know a newer key.
    wrong,
    /// No answer of the authority can make it right.
    refused,
  };
  kind verdict = kind::refused;
  std::string reason; ///< for the log; names ids, never keys
  sas_time expires{}; ///< when the token ends, if valid
};

/// Decides whether `client` may act as it says (edge-hub spec 3.1, 3.2, 3.4
/// and 12.1): its own key, its device's key for a module, or, with an auth
/// chain, the edge device that acts for it. `hosts` are the names this node
/// is known by.
judgement judge(const authenticate& client, const identity_lookup& lookup,
                const std::vector<std::string>& hosts, sas_time now);

} // namespace tidegate
