#include "runtime/node/uplink_child.hpp"

#include "actors/uplink/parent_session.hpp"
#include "messages/iothub/base64.hpp"
#include "messages/iothub/sas_signature.hpp"
#include "runtime/net/uplink_connector.hpp"

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

uplink_options options_from(const config& from) {
  uplink_options options;
  options.stall_timeout = from.parent.progress_timeout;
  return options;
}

} // namespace

child_spec uplink_child(const config& from, const node_profile& who,
                        std::shared_ptr<const node_core> core, io_loop& loop,
                        std::shared_ptr<tls_client> tls) {
  uplink_context context;
  context.router = caf::actor_cast<caf::actor>(core->router);
  context.network = make_uplink_connector(loop, std::move(tls));
  context.parent.host
    = from.parent.address.empty() ? who.parent->target() : from.parent.address;
  context.parent.port = static_cast<std::uint16_t>(from.parent.amqp_port);
  context.device = who.device;
  context.hub_host = who.hub_host;
  context.sign = signer_for(*who.parent);
  context.now = [] { return wall_clock(); };
  context.options = options_from(from);
  uplink_parent parent;
  parent.name = context.parent.host + ':' + std::to_string(context.parent.port);
  parent.device = who.device;
  parent.start = [context](caf::actor_system& in, const caf::actor& up) {
    return in.spawn(parent_session, context, up);
  };
  parent.reconnect.first = from.parent.retry_unit;
  parent.reconnect.longest = from.parent.retry_longest;
  parent.meters = core->meters;
  return {"uplink", [parent](caf::event_based_actor* by) {
            return caf::actor_cast<caf::actor>(by->spawn(uplink, parent));
          }};
}

} // namespace tidegate
