#pragma once

#include "runtime/net/certificates.hpp"

#include <caf/expected.hpp>
#include <filesystem>
#include <string>
#include <vector>

namespace tidegate {

/// A node's own certificate authority and the server certificate it issues,
/// in the files `ca.pem`, `ca.key`, `server.pem` and `server.key` of a folder.
/// Whatever the clock says, after `keep` there is a certificate that is valid:
/// nothing has to happen while the node is off. One thread at a time.
class own_certificate {
public:
  struct settings {
    std::filesystem::path folder;
    /// Of an authority that somebody else made; both empty: it is made here.
    std::filesystem::path ca_certificate;
    std::filesystem::path ca_key;
    std::vector<std::string> hosts; ///< names and addresses of this node
  };

  explicit own_certificate(settings with);

  /// Makes what is missing, and anew what is not valid yet or about to expire
  /// at `now`: the server certificate, which lasts 90 days, when less than 30
  /// of them are left; the authority, which lasts 20 years, in its last fifth,
  /// with the same key. An authority whose files are damaged is set aside as
  /// `ca.pem.damaged` and `ca.key.damaged`, and another one made. Returns
  /// whether the server certificate is a new one.
  caf::expected<bool> keep(std::chrono::sys_seconds now);

  /// A certificate that its authority issues. Reads two small files.
  caf::expected<key_pair> issue(const certificate_request& wish) const;

  std::filesystem::path certificate() const;
  std::filesystem::path key() const;
  std::filesystem::path ca_certificate() const;

private:
  caf::expected<key_pair> authority(std::chrono::sys_seconds now) const;

  settings with_;
};

} // namespace tidegate
