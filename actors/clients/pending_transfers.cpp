#include "actors/clients/pending_transfers.hpp"

#include <proton/delivery.h>
#include <proton/disposition.h>
#include <proton/link.h>

namespace tidegate {

std::vector<pn_link_t*>
pending_transfers::settle(const ingress::decision& decided) {
  std::vector<pn_link_t*> refused;
  for (const auto mark : decided.tickets) {
    if (mark < first_)
      continue; // the rest of a batch
    auto* const delivery = waiting_.front();
    waiting_.pop_front();
    ++first_;
    if (!delivery)
      continue;
    if (decided.error) {
      auto* const link = pn_delivery_link(delivery);
      if (refused.empty() || refused.back() != link)
        refused.push_back(link);
      reject(delivery, storing_failed(decided.error));
      continue;
    }
    pn_delivery_update(delivery, PN_ACCEPTED);
    pn_delivery_settle(delivery);
  }
  return refused;
}

void pending_transfers::forget(const pn_link_t* link) {
  for (auto& delivery : waiting_)
    if (delivery && pn_delivery_link(delivery) == link)
      delivery = nullptr;
}

void reject(pn_delivery_t* delivery, const link_condition& why) {
  set(pn_disposition_condition(pn_delivery_local(delivery)), why);
  pn_delivery_update(delivery, PN_REJECTED);
  pn_delivery_settle(delivery);
}

} // namespace tidegate
