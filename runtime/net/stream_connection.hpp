#pragma once

#include "runtime/net/byte_stream.hpp"
#include "runtime/net/connection_options.hpp"
#include "runtime/net/io_loop.hpp"

namespace tidegate {

/// Opens a connection over a ready stream, TCP or TLS, and makes its session.
/// On the loop's thread.
void open_stream_connection(io_loop& loop, byte_stream stream, peer_info peer,
                            connection_options_ptr options,
                            const session_factory& make_session);

} // namespace tidegate
