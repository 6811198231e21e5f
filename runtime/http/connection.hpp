#pragma once

#include "runtime/http/server.hpp"
#include "runtime/net/byte_stream.hpp"
#include "runtime/net/io_loop.hpp"

namespace tidegate::http {

/// What all connections of one server share.
struct service {
  io_loop& loop;
  server_options options;
  handler handle;
  struct endpoint {
    connection_options_ptr connections;
    session_factory make_session;
  };
  std::map<std::string, endpoint> websockets;
};

/// Serves one connection until it ends. On the loop's thread.
void serve_connection(std::shared_ptr<const service> by, byte_stream stream,
                      peer_info peer);

} // namespace tidegate::http
