#pragma once

#include "actors/identity/identity_messages.hpp"
#include "actors/identity/scope_tree.hpp"
#include "messages/identity.hpp"
#include "messages/iothub/access_policy.hpp"
#include "messages/iothub/sas_token.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tidegate {

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
  sas_time expires{}; ///< when what was shown ends, if valid
  auth_method method = auth_method::untold; ///< what was shown, if valid
};

/// What a node judges by, besides the identities it knows.
struct judge_rules {
  std::vector<std::string> hosts; ///< names this node is known by in tokens
  /// The certificates that a client's chain must end in, PEM.
  std::string trust_bundle;
  /// Whose tokens may speak for any identity; null: nobody's.
  access_policies policies;
  /// The module that may pass on certificates of clients; no device: nobody.
  identity_id proxy = {};
};

/// Decides whether `client` may act as it says (edge-hub spec 3.1, 3.2, 3.4,
/// 3.5 and 12.1): by its own key, its device's key for a module, with an auth
/// chain by the edge device that acts for it, by a shared access policy that
/// may connect as any device, and without a token by its certificate.
judgement judge(const authenticate& client, const identity_lookup& lookup,
                const judge_rules& rules, sas_time now);

} // namespace tidegate
