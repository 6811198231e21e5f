#pragma once

#include "actors/uplink/connector.hpp"
#include "runtime/net/io_loop.hpp"
#include "runtime/net/tls_context.hpp"

#include <chrono>
#include <memory>

namespace tidegate {

/// Opens connections to the parent for the uplink. `tls` says which
/// certificates to trust; null: only endpoints without TLS can be reached.
/// `loop` outlives the connector.
std::shared_ptr<connector>
make_uplink_connector(io_loop& loop, std::shared_ptr<tls_client> tls,
                      std::chrono::milliseconds timeout
                      = std::chrono::seconds{30});

} // namespace tidegate
