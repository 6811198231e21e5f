#pragma once

#include "actors/clients/sender_meters.hpp"
#include "actors/routing/route_board.hpp"
#include "messages/limits/message_rule.hpp"
#include "messages/message_head.hpp"
#include "messages/routing/route_table.hpp"

#include <memory>

namespace tidegate {

/// A head and what was found out about it: where the routes in force send it,
/// how large it is, and whom its messages are counted for. Made by
/// `ingress::prepare`, kept by the session, used by one actor only.
struct routed_head {
  head_ptr head;
  head_measure measure;
  sender_meters_ptr meters;
  /// The routes that `plan` belongs to; another snapshot makes it void.
  route_snapshot_ptr under;
  routing::plan plan;
};

using routed_head_ptr = std::shared_ptr<routed_head>;

} // namespace tidegate
