#pragma once

#include "runtime/net/openssl.hpp"

#include <caf/expected.hpp>
#include <memory>
#include <mutex>
#include <string>

namespace tidegate {

using ssl_ctx_ptr = std::shared_ptr<SSL_CTX>;

struct tls_server_options {
  std::string certificate_file; ///< PEM, leaf first, then the chain
  std::string key_file;         ///< PEM
  /// Ask clients for a certificate. Any is accepted here; who may use it is
  /// judged later (edge-hub spec 1.1).
  bool request_client_certificate = false;
  bool allow_tls_1_2 = true; ///< besides 1.3
};

/// The server side of TLS for one or more listeners.
class tls_server {
public:
  /// `ec::bad_argument` names the file that cannot be used and why.
  static caf::expected<std::shared_ptr<tls_server>>
  open(tls_server_options options);

  /// Reads the files again. Connections from now on use them; on an error
  /// everything stays as it was. Any thread.
  caf::error reload();

  /// A server-side session that waits for a handshake; null when there is no
  /// memory for it. Any thread.
  ssl_ptr make_session() const;

private:
  tls_server(tls_server_options options, ssl_ctx_ptr context)
    : options_{std::move(options)}, context_{std::move(context)} {}

  tls_server_options options_;
  mutable std::mutex mutex_;
  ssl_ctx_ptr context_;
};

struct tls_client_options {
  /// PEM file of the certificates to trust; empty: those of the system.
  std::string ca_file;
  /// Shown when the server asks; both empty or both set.
  std::string certificate_file;
  std::string key_file;
};

/// The client side of TLS. Always verifies the chain and the host.
class tls_client {
public:
  static caf::expected<std::shared_ptr<tls_client>>
  open(const tls_client_options& options);

  /// A client-side session for `host`, a DNS name or an IP address: it goes
  /// out as SNI (names only) and must be in the server's certificate. Null
  /// when `host` can be neither.
  ssl_ptr make_session(const std::string& host) const;

private:
  explicit tls_client(ssl_ctx_ptr context) : context_{std::move(context)} {}

  ssl_ctx_ptr context_;
};

} // namespace tidegate
