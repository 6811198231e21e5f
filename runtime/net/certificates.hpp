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

/// The time of day, to the second.
std::chrono::sys_seconds this_second();

struct certificate_request {
  std::string common_name;
  /// DNS names and IP addresses that the certificate is valid for.
  std::vector<std::string> hosts;
  std::chrono::days valid{365};
  certificate_use use = certificate_use::server;
  std::chrono::sys_seconds at = this_second(); ///< when it is made
  std::vector<std::string> uris;               ///< that it is valid for besides
};

/// Whether `text` can be a certificate's common name: 1 to 64 bytes.
bool is_common_name(const std::string& text);

/// A new certificate authority, self-signed, with an EC P-256 key. It is valid
/// from the year 2000 until `valid` after `at`: clocks that are put right, or
/// are behind, make no difference. Every error here is `ec::bad_argument` with
/// what is wrong.
caf::expected<key_pair> make_ca(const std::string& common_name,
                                std::chrono::days valid,
                                std::chrono::sys_seconds at = this_second());

/// The same authority with the same key, valid until `valid` after `at`: what
/// it has signed goes on, for those who trust the old certificate as well.
caf::expected<key_pair> prolong_ca(const key_pair& ca, std::chrono::days valid,
                                   std::chrono::sys_seconds at);

/// A new certificate with a key of its own, signed by `ca`. It is valid from
/// one hour before `at`, for clocks that are behind, and no longer than `ca`
/// is. When `ca` is not a root, its certificate follows in the PEM text.
caf::expected<key_pair> make_certificate(const key_pair& ca,
                                         const certificate_request& request);

/// When the first certificate in `pem` expires.
caf::expected<std::chrono::sys_seconds>
certificate_expiry(const std::string& pem);

/// Why the authority `ca` is of no use at `now`, or will be within `margin`,
/// as a sentence about it; empty when it is.
std::string authority_fault(const key_pair& ca, std::chrono::sys_seconds now,
                            std::chrono::seconds margin);

/// Why `pem` is of no use as a private key, as one with a pass phrase is;
/// empty when it is.
std::string key_fault(const std::string& pem);

/// Whether both can be read, and the key is the certificate's.
bool belong_together(const key_pair& pair);

/// Why a server can not, or soon can no longer, show `shown`, as a whole
/// sentence; empty when it can: the key must fit, `ca` must have signed it, it
/// must be for all of `hosts`, valid at `now`, and for `margin` more.
std::string server_certificate_fault(const key_pair& shown, const key_pair& ca,
                                     const std::vector<std::string>& hosts,
                                     std::chrono::sys_seconds now,
                                     std::chrono::seconds margin);

} // namespace tidegate
