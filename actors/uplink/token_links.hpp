#pragma once

#include "messages/identity_id.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

struct pn_delivery_t;
struct pn_link_t;
struct pn_session_t;

namespace tidegate {

/// The links on which a parent is shown tokens (put-token, edge-hub spec 2.3).
/// A hub may keep a token unseen until a link needs it: that it was taken does
/// not say that it is good.
class token_links {
public:
  /// `status` as in HTTP; called once per token, unless the connection ends.
  using answered = std::function<void(int status, const std::string& why)>;

  /// Opens both links.
  explicit token_links(pn_session_t* session);

  token_links(const token_links&) = delete;
  token_links& operator=(const token_links&) = delete;

  bool owns(const pn_link_t* link) const {
    return link == requests_ || link == replies_;
  }

  /// Shows a token of `id` at the hub `host` as soon as the parent takes
  /// requests.
  void show(const std::string& host, const identity_id& id,
            std::string_view token, answered then);

  /// The parent gave credit.
  void flowed();

  /// The parent sent something on these links. False when that cannot be
  /// read.
  bool arrived(pn_delivery_t* delivery);

private:
  pn_link_t* requests_;
  pn_link_t* replies_;
  std::deque<std::string> waiting_; ///< encoded; for credit
  std::unordered_map<std::string, answered> asked_;
  std::uint64_t next_ = 0;
};

} // namespace tidegate
