#pragma once

#include "runtime/api/parent_client.hpp"
#include "runtime/net/io_loop.hpp"
#include "runtime/node/profile.hpp"

#include <caf/expected.hpp>
#include <memory>

namespace tidegate {

/// How a gateway reaches its parent, beside the uplink.
struct parent_door {
  std::shared_ptr<parent_client> client; ///< its HTTPS calls
  std::shared_ptr<tls_client> tls;       ///< by which the parent is judged
};

/// For a gateway that has a parent. The error names the file that cannot be
/// used.
caf::expected<parent_door> open_parent(const config& from,
                                       const node_profile& who, io_loop& loop);

} // namespace tidegate
