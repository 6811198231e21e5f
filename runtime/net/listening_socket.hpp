#pragma once

#include "runtime/net/listener.hpp"

#include <caf/expected.hpp>

namespace tidegate {

/// Binds and listens as `options` say; the caller owns the descriptor. Errors
/// as from `listen`.
caf::expected<int> open_listening_socket(const listen_options& options);

/// What every stream socket gets: no delay for small writes, and probes that
/// find a peer that has vanished within two minutes. `family` as in `socket`.
void set_stream_options(int fd, int family);

} // namespace tidegate
