#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace tidegate::module {

/// Who the module is and where its gateway listens, from its environment.
struct module_identity {
  std::string workload_socket; ///< path of the unix socket
  std::string device;
  std::string module;
  std::string generation;
  std::string hub_host;
  std::string gateway_host;
  std::string port = "8883";
};

/// Looks up one variable; empty when it is not set.
using variable_lookup = std::function<std::string(const char*)>;

/// Reads the identity. Throws `std::runtime_error` naming what is missing.
module_identity read_identity(const variable_lookup& variable);

/// `device/module`.
std::string client_id(const module_identity& who);

/// The MQTT user name.
std::string user_name(const module_identity& who);

/// What a token is for: the encoded resource of the module.
std::string token_resource(const module_identity& who);

/// A token from its parts; `digest` is base64.
std::string token_text(const std::string& resource, const std::string& digest,
                       std::chrono::sys_seconds expires);

/// Everything but `A-Z a-z 0-9 - _ . ~` as `%XX`.
std::string percent_encode(const std::string& text);

/// The opposite.
std::string percent_decode(const std::string& text);

} // namespace tidegate::module
