#include "runtime/http/server.hpp"

#include "runtime/http/connection.hpp"

namespace tidegate::http {

caf::expected<listener_ptr> serve(io_loop& loop, server_options options,
                                  handler handle,
                                  const websocket_endpoints& websockets) {
  auto shared = std::make_shared<service>(
    service{loop, std::move(options), std::move(handle), {}});
  for (const auto& [protocol, endpoint] : websockets)
    shared->websockets.emplace(
      protocol, service::endpoint{std::make_shared<const connection_options>(
                                    endpoint.connections),
                                  endpoint.make_session});
  return listen(loop, shared->options.listen,
                [shared](byte_stream stream, peer_info peer) {
                  serve_connection(shared, std::move(stream), std::move(peer));
                });
}

} // namespace tidegate::http
