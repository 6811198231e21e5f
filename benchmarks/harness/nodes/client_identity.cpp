#include "benchmarks/harness/nodes/client_identity.hpp"

#include "messages/iothub/sas_signature.hpp"
#include "messages/iothub/user_name.hpp"

namespace tidegate::harness {

namespace {

/// Longer than any run: a token that ends would end the connection.
constexpr std::chrono::hours token_life{24 * 7};
constexpr const char* module_output = "out";
constexpr const char* api_version = "2021-04-12";

/// `devices/{d}[/modules/{m}]`
std::string path_of(const identity_id& id) {
  return "devices/" + id.device
         + (id.is_module() ? "/modules/" + id.module : std::string{});
}

void speak_mqtt(client_spec& spec, const std::string& host,
                const identity_id& id) {
  user_name who;
  who.id = id;
  spec.user_name = format_user_name(host, who, api_version);
  spec.input = path_of(id) + "/inputs/#";
  spec.output
    = path_of(id) + "/messages/events/"
      + (id.is_module() ? std::string{"%24.on="} + module_output : "");
}

/// SASL PLAIN names the hub by its first label (edge-hub spec 2.2).
void speak_amqp(client_spec& spec, const std::string& host,
                const identity_id& id) {
  const auto who
    = id.is_module() ? id.device + "/modules/" + id.module : id.device;
  spec.user_name = who + "@sas." + host.substr(0, host.find('.'));
  spec.input = "/" + path_of(id) + "/messages/events";
  spec.output = spec.input;
  if (id.is_module())
    spec.output_name = module_output;
}

} // namespace

client_spec describe(const std::string& host, const identity_id& id,
                     endpoint to, protocol speaks, role does) {
  client_spec spec;
  spec.to = std::move(to);
  spec.speaks = speaks;
  spec.does = does;
  spec.client_id = to_string(id);
  if (speaks == protocol::amqp)
    speak_amqp(spec, host, id);
  else
    speak_mqtt(spec, host, id);
  return spec;
}

identified_client identify(const connection_string& as, endpoint to,
                           protocol speaks, role does) {
  identified_client made;
  made.spec = describe(as.host, as.id, std::move(to), speaks, does);
  const auto expires = std::chrono::time_point_cast<std::chrono::seconds>(
    std::chrono::system_clock::now() + token_life);
  const auto token = mint_sas_token(as.host, as.id, as.key, expires);
  if (!token) {
    made.fault = "the key of " + made.spec.client_id + " is not base64";
    return made;
  }
  made.spec.password = *token;
  return made;
}

} // namespace tidegate::harness
