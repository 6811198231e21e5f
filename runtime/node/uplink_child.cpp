#include "runtime/node/uplink_child.hpp"

#include "actors/uplink/broker_session.hpp"
#include "actors/uplink/parent_session.hpp"
#include "messages/iothub/base64.hpp"
#include "messages/iothub/sas_signature.hpp"
#include "runtime/net/paho_broker.hpp"
#include "runtime/net/uplink_connector.hpp"
#include "runtime/node/broker_language_of.hpp"

#include <caf/send.hpp>
#include <caf/spawn_options.hpp>

namespace tidegate {

namespace {

token_signer signer_for(const connection_string& parent) {
  return [key = base64_decode(parent.key)](
           std::string_view data) -> std::optional<std::string> {
    if (!key)
      return std::nullopt;
    return base64_encode(hmac_sha256(*key, data));
  };
}

std::string name_of(const std::string& host, std::int64_t port) {
  return host + ':' + std::to_string(port);
}

/// A hub, or a gateway, above this node.
void set_hub(uplink_parent& parent, const config& from, const node_profile& who,
             const node_core& core, io_loop& loop,
             std::shared_ptr<tls_client> tls) {
  uplink_context context;
  context.router = caf::actor_cast<caf::actor>(core.router);
  context.twins = caf::actor_cast<caf::actor>(core.edge_twins);
  context.c2d = caf::actor_cast<caf::actor>(core.c2d);
  context.methods = core.methods;
  context.clients = core.clients;
  context.meters = core.meters;
  context.network = make_uplink_connector(loop, std::move(tls));
  context.parent = parent_endpoint_of(from, who);
  context.device = who.device;
  context.hub_host = who.hub_host;
  context.sign = signer_for(*who.parent);
  context.now = [] { return wall_clock(); };
  context.tokens = core.tokens;
  context.identities = caf::actor_cast<caf::actor>(core.identities);
  context.options.stall_timeout = from.parent.progress_timeout;
  parent.name = name_of(context.parent.host, context.parent.port);
  parent.start = [context](caf::actor_system& in, const caf::actor& up,
                           const std::optional<trial_order>& trial) {
    return in.spawn(parent_session, context, up, trial);
  };
}

broker_access access_of(const config& from, const node_profile& who) {
  const auto& broker = from.parent.mqtt;
  broker_access access;
  access.host = broker.address;
  access.port = static_cast<std::uint16_t>(broker.port);
  access.tls = broker.tls;
  access.ca_file = from.parent.ca_file;
  access.certificate = broker.certificate;
  access.key = broker.key;
  access.client_id = broker.client_id.empty() ? who.device : broker.client_id;
  access.user = broker.user;
  access.password = broker.password;
  access.password_file = broker.password_file;
  access.keep_alive
    = std::chrono::ceil<std::chrono::seconds>(broker.keep_alive);
  access.clean_session = broker.clean_session;
  return access;
}

/// A broker above this node. Its session has a thread, because calls to Paho
/// wait while Paho looks up a name.
void set_broker(uplink_parent& parent, const config& from,
                const node_profile& who, const node_core& core) {
  broker_context context;
  context.router = caf::actor_cast<caf::actor>(core.router);
  context.network = make_paho_connector(access_of(from, who));
  context.language = broker_language_of(from, who);
  context.commands = core.c2d;
  context.meters = core.meters;
  context.options.stall_timeout = from.parent.progress_timeout;
  context.options.window = static_cast<std::uint32_t>(from.parent.mqtt.window);
  context.options.message_size
    = static_cast<std::size_t>(from.parent.mqtt.message_size);
  parent.name = name_of(from.parent.mqtt.address, from.parent.mqtt.port);
  parent.start = [context](caf::actor_system& in, const caf::actor& up,
                           const std::optional<trial_order>& trial) {
    return in.spawn<caf::detached>(broker_session, context, up, trial);
  };
}

} // namespace

parent_endpoint parent_endpoint_of(const config& from,
                                   const node_profile& who) {
  parent_endpoint made;
  made.host
    = from.parent.address.empty() ? who.parent->target() : from.parent.address;
  made.port = static_cast<std::uint16_t>(from.parent.amqp_port);
  return made;
}

child_spec uplink_child(const config& from, const node_profile& who,
                        std::shared_ptr<const node_core> core, io_loop& loop,
                        std::shared_ptr<tls_client> tls) {
  uplink_parent parent;
  parent.device = who.device;
  parent.reconnect.first = from.parent.retry_unit;
  parent.reconnect.longest = from.parent.retry_longest;
  parent.meters = core->meters;
  if (who.has_broker)
    set_broker(parent, from, who, *core);
  else
    set_hub(parent, from, who, *core, loop, std::move(tls));
  // Identities are read anew when the parent can be reached again.
  const auto watcher = caf::actor_cast<caf::actor>(core->identities);
  return {"uplink", [parent, watcher](caf::event_based_actor* by) {
            const auto made = by->spawn(uplink, parent);
            caf::anon_send(made, watch_uplink{watcher});
            return caf::actor_cast<caf::actor>(made);
          }};
}

} // namespace tidegate
