#pragma once

#include <string_view>

struct pn_delivery_t;
struct pn_link_t;

namespace tidegate {

/// Whoever has a link to the parent; Proton's link points at it. It is told
/// what happens there, until it closes the link.
class link_user {
public:
  /// The parent has opened the link, or given credit.
  virtual void flowed(pn_link_t* link) = 0;
  /// The parent sent something, or decided about something.
  virtual void arrived(pn_delivery_t* delivery) = 0;
  /// The parent closed the link, with that condition or none. It is closed from
  /// this side too and freed after this call.
  virtual void ended(pn_link_t* link, std::string_view condition) = 0;

protected:
  ~link_user() = default;
};

} // namespace tidegate
