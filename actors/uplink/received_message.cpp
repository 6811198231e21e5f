#include "actors/uplink/received_message.hpp"

#include <proton/delivery.h>
#include <proton/link.h>

#include <string>

namespace tidegate {

namespace {

/// As `link_opener` tells the parent.
constexpr std::size_t largest_message = 1'048'576;

} // namespace

received_message take_message(pn_delivery_t* delivery) {
  using state = received_message::state;
  auto* const link = pn_delivery_link(delivery);
  if (pn_delivery_aborted(delivery)) {
    pn_delivery_settle(delivery);
    return {};
  }
  if (!pn_delivery_readable(delivery))
    return {};
  const auto size = pn_delivery_pending(delivery);
  if (size > largest_message)
    return {state::too_large, {}};
  if (pn_delivery_partial(delivery))
    return {};
  std::string encoded(size, '\0');
  pn_link_recv(link, encoded.data(), encoded.size());
  pn_link_advance(link);
  return {state::whole, own(std::move(encoded))};
}

void top_up(pn_delivery_t* delivery, int most) {
  auto* const link = pn_delivery_link(delivery);
  const auto missing = most - pn_link_credit(link);
  if (missing >= most / 2)
    pn_link_flow(link, missing);
}

} // namespace tidegate
