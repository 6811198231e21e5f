#pragma once

#include "benchmarks/harness/net/client.hpp"
#include "messages/iothub/connection_string.hpp"

namespace tidegate::harness {

/// How to connect as the identity of `credentials`, at `to`: publishers send
/// events (a module through its output `out`), subscribers take the inputs of
/// a module. Null text `fault` unless the key cannot sign.
struct identified_client {
  client_spec spec;
  std::string fault;
};

identified_client identify(const connection_string& credentials, endpoint to,
                           protocol speaks, role does);

} // namespace tidegate::harness
