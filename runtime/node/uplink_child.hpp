#pragma once

#include "actors/uplink/connector.hpp"
#include "actors/uplink/uplink.hpp"
#include "runtime/config/config.hpp"
#include "runtime/net/io_loop.hpp"
#include "runtime/net/tls_context.hpp"
#include "runtime/node/core.hpp"

#include <memory>

namespace tidegate {

/// Where the parent listens, for a node whose parent is a hub.
parent_endpoint parent_endpoint_of(const config& from, const node_profile& who);

/// The child of the root supervisor that keeps the connection to the parent,
/// a hub or a broker. Only for a node that has one. `tls` is for a hub.
child_spec uplink_child(const config& from, const node_profile& who,
                        std::shared_ptr<const node_core> core, io_loop& loop,
                        std::shared_ptr<tls_client> tls);

} // namespace tidegate
