#pragma once

#include "messages/iothub/sas_token.hpp"

#include <optional>
#include <string>

namespace tidegate {

/// What the first certificate of a client's chain says (edge-hub spec 3.5).
struct client_certificate {
  std::string common_name; ///< of the subject; empty when it has none or many
  std::string sha1;        ///< thumbprints, lower-case hex
  std::string sha256;
  sas_time begins{};
  sas_time ends{};
  bool is_authority = false; ///< a CA certificate
  bool is_of_module = false; ///< names a module, as those of the workload API
};

/// Reads the first certificate in `pem`; nothing when there is none.
std::optional<client_certificate>
read_client_certificate(const std::string& pem);

/// Why the chain in `pem`, leaf first, does not end in one of the certificates
/// in `trusted` (PEM) at `now`, or may not be used by a client; empty when it
/// does.
std::string chain_fault(const std::string& pem, const std::string& trusted,
                        sas_time now);

} // namespace tidegate
