#include "actors/clients/mqtt_connect.hpp"

namespace tidegate {

namespace {

using mqtt::connect_code;

connect_claim refuse(connect_code code, std::string_view why) {
  connect_claim claim;
  claim.code = code;
  claim.why = why;
  return claim;
}

} // namespace

connect_claim read_claim(const mqtt::connect& packet, bool has_certificate) {
  if (packet.level != mqtt::protocol_level)
    return refuse(connect_code::refused_protocol,
                  "protocol level is not 4 (MQTT 3.1.1)");
  if (packet.client_id.empty())
    return refuse(connect_code::server_unavailable, "no client id");
  if (!packet.user_name)
    return refuse(connect_code::server_unavailable, "no user name");
  connect_claim claim;
  auto who = parse_user_name(*packet.user_name, claim.why);
  if (!who)
    return refuse(connect_code::server_unavailable, claim.why);
  if (packet.client_id != to_string(who->id))
    return refuse(connect_code::not_authorized,
                  "client id is not the identity of the user name");
  claim.who = std::move(*who);
  claim.token = packet.password.value_or(std::string_view{});
  if (claim.token.empty() && !has_certificate)
    return refuse(connect_code::not_authorized,
                  "neither a token nor a certificate");
  return claim;
}

} // namespace tidegate
