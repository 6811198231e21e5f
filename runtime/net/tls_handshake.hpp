#pragma once

#include "runtime/net/byte_stream.hpp"

#include <chrono>
#include <functional>
#include <string>

namespace tidegate {

/// Runs the TLS handshake of `stream` on the loop's thread, then calls `done`
/// with the stream and an empty text, or with a closed stream and why it
/// failed. Without TLS it is done at once. `done` may be called before this
/// returns.
void tls_handshake(byte_stream stream, std::chrono::milliseconds timeout,
                   std::function<void(byte_stream, std::string why)> done);

} // namespace tidegate
