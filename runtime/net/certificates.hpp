#pragma once

#include <caf/expected.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace tidegate {

/// A certificate and its private key, both PEM.
struct key_pair {
  std::string certificate;
  std::string key;
};

/// What a certificate may be used for.
enum class certificate_use : std::uint8_t { server, client };

struct certificate_request {
  std::string common_name;
  /// DNS names and IP addresses that the certificate is valid for.
  std::vector<std::string> hosts;
  std::chrono::days valid{365};
  certificate_use use = certificate_use::server;
};

/// A new certificate authority, self-signed, with an EC P-256 key. Every error
/// here is `ec::bad_argument` with what is wrong.
caf::expected<key_pair> make_ca(const std::string& common_name,
                                std::chrono::days valid);

/// A new certificate with a key of its own, signed by `ca`. It is valid from
/// one hour ago, for clocks that are behind.
caf::expected<key_pair> make_certificate(const key_pair& ca,
                                         const certificate_request& request);

/// When the first certificate in `pem` expires.
caf::expected<std::chrono::sys_seconds>
certificate_expiry(const std::string& pem);

} // namespace tidegate
