#include "actors/clients/link_index.hpp"

#include "actors/clients/amqp_link.hpp"

namespace tidegate {

void link_index::add(amqp_link& link) { links_[link.id].push_back(&link); }

void link_index::remove(const amqp_link& link) {
  const auto found = links_.find(link.id);
  if (found == links_.end())
    return;
  std::erase(found->second, &link);
  if (found->second.empty())
    links_.erase(found);
}

const std::vector<amqp_link*>& link_index::of(const identity_id& id) const {
  static const std::vector<amqp_link*> none;
  const auto found = links_.find(id);
  return found == links_.end() ? none : found->second;
}

amqp_link* link_index::serving(link_role role, const identity_id& id) const {
  for (auto* const link : of(id))
    if (link->role == role && link->is == amqp_link::phase::serving)
      return link;
  return nullptr;
}

} // namespace tidegate
