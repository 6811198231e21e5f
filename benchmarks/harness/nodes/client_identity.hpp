#pragma once

#include "benchmarks/harness/net/client.hpp"
#include "messages/iothub/connection_string.hpp"

namespace tidegate::harness {

/// How to connect as `id` of the hub `host`, at `to`, but for the password:
/// who publishes sends events (a module through its output `out`), who
/// subscribes takes the inputs of a module.
client_spec describe(const std::string& host, const identity_id& id,
                     endpoint to, protocol speaks, role does);

/// `describe` with a password made from `credentials`. The text `fault` is
/// empty unless their key cannot sign.
struct identified_client {
  client_spec spec;
  std::string fault;
};

identified_client identify(const connection_string& credentials, endpoint to,
                           protocol speaks, role does);

} // namespace tidegate::harness
