#pragma once

#include "actors/clients/transport.hpp"
#include "actors/metrics.hpp"
#include "runtime/net/byte_stream.hpp"
#include "runtime/net/connection_options.hpp"
#include "runtime/net/io_loop.hpp"
#include "runtime/net/stranger_memory.hpp"
#include "runtime/net/tls_context.hpp"

#include <caf/expected.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <sys/types.h>

namespace tidegate {

struct listen_options {
  std::string name;       ///< goes into `peer_info::listener` and the log
  std::string address;    ///< IPv4 or IPv6; empty: all, of both families
  std::uint16_t port = 0; ///< 0: the system chooses
  /// Not empty: a unix socket at this path instead. A file left there by a
  /// process that is gone is replaced; a live one is an error.
  std::string unix_path;
  mode_t unix_mode = 0600;
  int backlog = 200; ///< edge-hub spec 1.1
  /// Connections past this many, ready or not, are closed at once.
  std::size_t connection_limit = 10'000;
  /// Of those, as many as may come from one address (`owner_of`) without having
  /// been introduced: one in so many. Does not hold for unix sockets.
  std::size_t strangers_share = 4;
  /// Bounds the memory of those who have not been introduced; null: nothing.
  stranger_memory_ptr memory;
  std::shared_ptr<tls_server> tls; ///< null: plain
  std::chrono::milliseconds handshake_timeout{30'000};
  /// Counts who is turned away; null: nobody does.
  std::shared_ptr<metrics> meters;
};

/// Takes a stream that is ready for use. On the loop's thread.
using stream_handler = std::function<void(byte_stream, peer_info)>;

/// An open door: accepts connections and shakes hands (TLS) until stopped.
class listener {
public:
  virtual ~listener() = default;

  /// The port it listens on; 0 for a unix socket.
  virtual std::uint16_t port() const = 0;

  /// Closes the door; connections that came in through it live on. A unix
  /// socket's file is removed. Any thread; more than once is fine.
  virtual void stop() = 0;
};

using listener_ptr = std::shared_ptr<listener>;

/// Opens a listener, which lives until it is stopped or the loop ends. The
/// error names the address and why it can not be used: `ec::bad_argument`,
/// `ec::refused` (no permission, or already in use), `ec::io_failed`.
caf::expected<listener_ptr> listen(io_loop& loop, listen_options options,
                                   stream_handler on_stream);

/// A listener whose connections go to sessions.
caf::expected<listener_ptr> listen(io_loop& loop, listen_options options,
                                   connection_options connections,
                                   session_factory make_session);

} // namespace tidegate
