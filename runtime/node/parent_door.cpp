#include "runtime/node/parent_door.hpp"

namespace tidegate {

caf::expected<parent_door> open_parent(const config& from,
                                       const node_profile& who, io_loop& loop) {
  tls_client_options options;
  options.ca_file = from.parent.ca_file;
  auto tls = tls_client::open(options);
  if (!tls)
    return tls.error();
  const auto& parent = *who.parent;
  parent_access access;
  access.server.host
    = from.parent.address.empty() ? parent.target() : from.parent.address;
  access.server.port = static_cast<std::uint16_t>(from.parent.https_port);
  access.server.tls = *tls;
  access.hub_host = parent.host;
  access.edge = parent.id;
  access.key = parent.key;
  return parent_door{std::make_shared<parent_client>(loop, std::move(access)),
                     std::move(*tls)};
}

} // namespace tidegate
