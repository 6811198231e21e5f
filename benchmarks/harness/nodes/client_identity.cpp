#include "benchmarks/harness/nodes/client_identity.hpp"

#include "messages/iothub/sas_signature.hpp"
#include "messages/iothub/user_name.hpp"

namespace tidegate::harness {

namespace {

/// Longer than any run: a token that ends would end the connection.
constexpr std::chrono::hours token_life{24 * 7};
constexpr const char* api_version = "2021-04-12";

/// `devices/{d}[/modules/{m}]`
std::string path_of(const identity_id& id) {
  return "devices/" + id.device
         + (id.is_module() ? "/modules/" + id.module : std::string{});
}

void speak_mqtt(client_spec& spec, const connection_string& as) {
  user_name who;
  who.id = as.id;
  spec.user_name = format_user_name(as.host, who, api_version);
  if (spec.does == role::subscribe)
    spec.address = path_of(as.id) + "/inputs/#";
  else
    spec.address = path_of(as.id) + "/messages/events/"
                   + (as.id.is_module() ? "%24.on=out" : "");
}

/// SASL PLAIN names the hub by its first label (edge-hub spec 2.2).
void speak_amqp(client_spec& spec, const connection_string& as) {
  const auto who = as.id.is_module() ? as.id.device + "/modules/" + as.id.module
                                     : as.id.device;
  spec.user_name = who + "@sas." + as.host.substr(0, as.host.find('.'));
  spec.address = "/" + path_of(as.id) + "/messages/events";
}

} // namespace

identified_client identify(const connection_string& as, endpoint to,
                           protocol speaks, role does) {
  identified_client made;
  auto& spec = made.spec;
  spec.to = std::move(to);
  spec.speaks = speaks;
  spec.does = does;
  spec.client_id = to_string(as.id);
  const auto expires = std::chrono::time_point_cast<std::chrono::seconds>(
    std::chrono::system_clock::now() + token_life);
  const auto token = mint_sas_token(as.host, as.id, as.key, expires);
  if (!token) {
    made.fault = "the key of " + spec.client_id + " is not base64";
    return made;
  }
  spec.password = *token;
  if (speaks == protocol::amqp)
    speak_amqp(spec, as);
  else
    speak_mqtt(spec, as);
  return made;
}

} // namespace tidegate::harness
