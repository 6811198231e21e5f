#pragma once

#include "actors/uplink/guest_links.hpp"
#include "messages/identity_id.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

struct pn_link_t;
struct pn_session_t;

namespace tidegate {

class link_user;
struct uplink_context;

/// Opens links to the parent in the name of identities, and closes them
/// (edge-hub spec 2.4 and 6.2): with this node's token, on behalf of them, or
/// with their own.
class link_opener {
public:
  /// Who settles a delivery, and when.
  enum class settlement { at_least_once, at_most_once, exactly_once };

  struct wish {
    identity_id id;
    std::string_view resource; ///< `messages/events`, `twin`, ...
    bool receives = false;     ///< this node does
    settlement settles = settlement::at_least_once;
    std::string correlation = {}; ///< `twin:<guid>`; empty for none
    std::string model_id = {};    ///< empty for none
  };

  link_opener(pn_session_t* session, token_links& tokens,
              const uplink_context& context)
    : context_{context}, guests_{tokens, context,
                                 [this](pn_link_t* link) { open_now(link); }},
      sessions_{{session, 0}} {}

  pn_link_t* open(const wish& what, link_user& user);

  /// The parent has opened a link from its side, perhaps one that was closed
  /// again meanwhile.
  void opened() { --unanswered_; }

  /// Closes `link`; its user hears nothing of it any more. It is freed when
  /// the parent follows.
  void close(pn_link_t* link);

  /// The parent has closed a link that had a user.
  void ended(pn_link_t* link) { forget(link); }

  /// The links of clients that speak for themselves.
  guest_links& guests() { return guests_; }

  /// Links that are open from this side.
  std::size_t count() const { return count_; }
  /// Those that the parent has not opened from its side.
  std::size_t unanswered() const { return unanswered_; }

private:
  /// Proton looks for a link of a session by going through all of them.
  struct loaded_session {
    pn_session_t* of;
    std::size_t links;
  };

  void open_now(pn_link_t* link);
  loaded_session& session_with_room();
  void forget(pn_link_t* link);

  const uplink_context& context_;
  std::uint64_t next_name_ = 0;
  std::size_t count_ = 0;
  std::size_t unanswered_ = 0;
  guest_links guests_;
  std::vector<loaded_session> sessions_;
};

/// Whoever has that link; null when it was closed, or has no user.
link_user* user_of(pn_link_t* link);

} // namespace tidegate
