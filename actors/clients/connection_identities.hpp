#pragma once

#include "actors/clients/cbs_tokens.hpp"
#include "actors/clients/session_context.hpp"
#include "actors/clients/transport.hpp"

#include <caf/error.hpp>
#include <caf/event_based_actor.hpp>

#include <functional>
#include <string>
#include <unordered_map>

namespace tidegate {

/// The identities that speak over one AMQP connection: verified when their
/// first link opens, by token or else by the certificate shown on TLS, then
/// made known to the registry, and verified again from time to time (edge-hub
/// spec 2.3 and 3.6). Used inside the session actor.
class connection_identities {
public:
  /// No error: `id` may speak. Otherwise why not, or why no longer.
  using verdict_handler
    = std::function<void(const identity_id& id, const caf::error& why)>;

  connection_identities(caf::event_based_actor* self,
                        const session_context& context, const peer_info& peer,
                        verdict_handler on_verdict);

  cbs_tokens& tokens() { return tokens_; }

  bool admitted(const identity_id& id) const;

  /// Somebody's verdict is still to come.
  bool asking() const;

  /// Asks whether the token of `id` would let it in, as far as is known here;
  /// `then` gets no error, or why not. Does nothing while the same is asked
  /// about another.
  void vouch(const identity_id& id,
             std::function<void(const caf::error& why)> then);

  /// Asks about the last one again.
  void vouch_again(std::function<void(const caf::error& why)> then);

  /// Whether an error says that somebody may not speak, and not only that
  /// nobody can tell right now.
  static bool turned_away(const caf::error& why);

  /// By what `id` was let in.
  auth_method method_of(const identity_id& id) const;

  /// Asks whether `id` may speak; the handler is called later. Does nothing
  /// while the question is already open.
  void admit(const identity_id& id, const std::string& auth_chain);

  /// What `id` wants from now on; told to the registry when it has changed.
  void want(const identity_id& id, const client_wants& wants);

  /// `id` has no link any more.
  void leave(const identity_id& id);

  /// `id` speaks through another connection now.
  void forget(const identity_id& id) { known_.erase(id); }

  /// `id` has shown a token; verified at once if it speaks already.
  void renewed(const identity_id& id);

  /// Verifies everybody again with the token at hand.
  void verify_again();

private:
  enum class standing { verifying, joining, admitted };
  struct entry {
    standing is = standing::verifying;
    auth_method method = auth_method::untold;
    std::string auth_chain;
    client_wants wants;                    ///< as the registry was told
    caf::actor_clock::time_point judged{}; ///< when it was first asked about
  };

  authenticate question(const identity_id& id, const entry& about) const;
  void join(const identity_id& id, auth_method method);
  void refuse(const identity_id& id, const caf::error& why);
  void verify_again(const identity_id& id, const entry& about);

  caf::event_based_actor* self_;
  const session_context& context_;
  const peer_info& peer_; ///< the transport's, which outlives this
  verdict_handler on_verdict_;
  cbs_tokens tokens_;
  std::unordered_map<identity_id, entry> known_;
  identity_id vouched_; ///< whose token was good, or is being judged
  bool vouching_ = false;
};

} // namespace tidegate
