#pragma once

#include "actors/service/service_access.hpp"
#include "actors/service/service_link.hpp"
#include "messages/iothub/service_address.hpp"

#include <memory>
#include <optional>
#include <string_view>

namespace tidegate {

/// What a service does on one connection: which links it may have, and what
/// they are.
class service_links {
public:
  explicit service_links(service_link_context context);

  service_access& access() { return access_; }

  /// Why a link at `address` is not allowed, or no longer; nothing if it is.
  std::optional<link_condition> refusal(const service_address& address) const;

  /// A link that `address` and the end the client takes make sense of; null,
  /// with the reason in `why`, when they do not. To be called once the link
  /// is open.
  std::unique_ptr<service_link> make(const service_address& address,
                                     pn_link_t* link, link_condition& why);

private:
  std::unique_ptr<service_link> make_events(const service_address& address,
                                            pn_link_t* link,
                                            link_condition& why);

  service_link_context context_;
  service_access access_;
};

} // namespace tidegate
