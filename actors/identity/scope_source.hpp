#pragma once

#include "messages/identity.hpp"

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/error.hpp>
#include <optional>
#include <string>
#include <vector>

namespace tidegate {

/// What the parent knows of identities that were asked for: those it has, and
/// an error when it could not be asked.
struct scope_answer {
  std::vector<identity> found;
  /// The ids that were asked for and that the parent says do not exist.
  std::vector<identity_id> missing;
  caf::error error;
  /// Whom `fetch` was called for, if it was.
  std::optional<identity_id> asked = {};
};

/// Everything that is in this gateway's scope, or why it cannot be told.
struct whole_scope {
  std::vector<identity> found;
  caf::error error;
};

/// What changed in this gateway's scope since it last asked.
struct scope_news {
  std::string revision;    ///< to ask with the next time
  bool everything = false; ///< too much to tell: read the whole scope
  std::vector<identity> found;
  std::vector<identity_id> missing;
  /// `ec::not_found`: this parent does not tell changes.
  caf::error error;
};

/// The node's parent as a source of identities (edge-hub spec 3.7). Declared
/// here, implemented in `runtime/` over the parent's REST calls. Every call
/// returns at once; `who` gets the answer.
class scope_source {
public:
  virtual ~scope_source() = default;

  /// Asks for `id` (for a module also its device): `scope_answer`.
  virtual void fetch(const identity_id& id, caf::actor who) = 0;

  /// Asks for everything: `whole_scope`.
  virtual void fetch_all(caf::actor who) = 0;

  /// Waits at the parent for something that is newer than `revision` (empty:
  /// none is known), a minute at most: `scope_news`.
  virtual void await_news(const std::string& revision, caf::actor who) = 0;
};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::scope_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::whole_scope)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::scope_news)
