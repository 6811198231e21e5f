#pragma once

#include "actors/clients/link_role.hpp"
#include "messages/identity_id.hpp"

#include <unordered_map>
#include <vector>

namespace tidegate {

struct amqp_link;

/// Finds the links of one connection by the identity that they belong to: a
/// child gateway has several for each of its clients. Refers to records that
/// somebody else owns, and that do not move.
class link_index {
public:
  /// `link` knows by now whose it is.
  void add(amqp_link& link);
  void remove(const amqp_link& link);

  /// All links of `id`, closed ones too, as they came. Good until the next
  /// change.
  const std::vector<amqp_link*>& of(const identity_id& id) const;

  /// The link of `id` with that role that is being served; null without one.
  amqp_link* serving(link_role role, const identity_id& id) const;

private:
  std::unordered_map<identity_id, std::vector<amqp_link*>> links_;
};

} // namespace tidegate
