#pragma once

#include "messages/identity_id.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

struct pn_link_t;

namespace tidegate {

class token_links;
struct own_token;
struct uplink_context;

/// Links in the name of clients that speak for themselves, with a token of
/// their own (edge-hub spec 6.2): each waits until the parent has been shown
/// the token. A newer one, once the parent took it, is shown too.
class guest_links {
public:
  guest_links(token_links& tokens, const uplink_context& context,
              std::function<void(pn_link_t*)> open_now)
    : tokens_{tokens}, context_{context}, open_now_{std::move(open_now)} {}

  guest_links(const guest_links&) = delete;
  guest_links& operator=(const guest_links&) = delete;

  /// Whether links of `id` are opened here.
  bool has(const identity_id& id) const;

  /// Opens `link` when the parent has the token.
  void open(const identity_id& id, pn_link_t* link);

  /// The link is closed by this node. True: it had not been opened, so that
  /// the parent will not follow.
  bool closed(pn_link_t* link);

  /// The parent has closed the link with that condition.
  void ended(pn_link_t* link, std::string_view condition);

  struct failed_link {
    pn_link_t* link;
    std::string condition;
  };
  /// A link that cannot be opened, with the condition that says why; it is
  /// forgotten here.
  std::optional<failed_link> take_failed();

  /// Shows newer tokens of clients that have links.
  void renew();

private:
  struct guest {
    std::string token; ///< that the parent was shown
    bool taken = false;
    std::vector<pn_link_t*> waiting;
    std::size_t open = 0;
  };

  void show(const identity_id& id, guest& whom, std::string token);
  void answered(const identity_id& id, const std::string& token, int status);
  void fail(guest& whom, const std::string& condition);
  std::optional<own_token> usable(const identity_id& id) const;
  void drop_if_unused(const identity_id& id);

  token_links& tokens_;
  const uplink_context& context_;
  std::function<void(pn_link_t*)> open_now_;
  std::unordered_map<identity_id, guest> guests_;
  std::unordered_map<pn_link_t*, identity_id> owners_;
  std::vector<failed_link> failed_;
};

} // namespace tidegate
