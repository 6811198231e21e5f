#pragma once

#include "actors/clients/ingress.hpp"
#include "actors/clients/link_condition.hpp"

#include <deque>
#include <vector>

struct pn_delivery_t;
struct pn_link_t;

namespace tidegate {

/// Transfers from the client that wait for the store, oldest first. Each has
/// a ticket, which the ingress gives back in the same order.
class pending_transfers {
public:
  /// The ticket that `add` gives to its transfer.
  ingress::ticket next_ticket() const { return first_ + waiting_.size(); }

  void add(pn_delivery_t* delivery) { waiting_.push_back(delivery); }

  /// Accepts the transfers with these tickets, or rejects them when `error`
  /// is set. A batch has the same ticket for each of its messages. Returns the
  /// links of those that were rejected.
  std::vector<pn_link_t*> settle(const ingress::decision& decided);

  /// The link is gone and its deliveries with it; nothing is said about them.
  void forget(const pn_link_t* link);

  std::size_t size() const { return waiting_.size(); }

private:
  std::deque<pn_delivery_t*> waiting_; ///< null when its link is gone
  ingress::ticket first_ = 0;          ///< of the oldest
};

/// Settles `delivery` as rejected, telling the client why.
void reject(pn_delivery_t* delivery, const link_condition& why);

} // namespace tidegate
