#include "runtime/net/tls_context.hpp"

#include "messages/ec.hpp"
#include "messages/pass_phrase.hpp"

#include <fstream>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sstream>

namespace tidegate {

namespace {

constexpr std::string_view session_context = "tidegate";

caf::error unusable(const std::string& what, const std::string& file) {
  return caf::make_error(ec::bad_argument,
                         what + " " + file + " cannot be used: "
                           + take_openssl_error("it cannot be read"));
}

caf::error unusable_key(const std::string& file) {
  std::ifstream in{file};
  std::stringstream pem;
  pem << in.rdbuf();
  const auto fault = pass_phrase_fault(pem.str());
  if (fault.empty())
    return unusable("key file", file);
  ERR_clear_error();
  return caf::make_error(ec::bad_argument,
                         "key file " + file + " cannot be used: " + fault);
}

ssl_ctx_ptr make_context(const SSL_METHOD* method) {
  ssl_ctx_ptr context{SSL_CTX_new(method), SSL_CTX_free};
  // Idle connections own no record buffers; a write may be retried from
  // another address and may be taken in part; what is shown is what the file
  // holds.
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS
                                    | SSL_MODE_ENABLE_PARTIAL_WRITE
                                    | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
                                    | SSL_MODE_NO_AUTO_CHAIN);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION
                                       | SSL_OP_IGNORE_UNEXPECTED_EOF
                                       | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  // One read system call may fetch many small records.
  SSL_CTX_set_read_ahead(context.get(), 1);
  // Resumption works by tickets, which cost the server no memory.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  return context;
}

caf::error use_certificate(SSL_CTX* context, const std::string& certificate,
                           const std::string& key) {
  SSL_CTX_set_default_passwd_cb(context, no_pass_phrase);
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1)
    return unusable("certificate file", certificate);
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1)
    return unusable_key(key);
  return {};
}

int accept_any(int, X509_STORE_CTX*) { return 1; }

caf::expected<ssl_ctx_ptr> server_context(const tls_server_options& options) {
  auto context = make_context(TLS_server_method());
  if (!options.allow_tls_1_2)
    SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
  if (options.request_client_certificate) {
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, accept_any);
    // A resumed session would know the leaf, but not the rest of the chain.
    SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(context.get(), 0);
  }
  SSL_CTX_set_session_id_context(
    context.get(),
    reinterpret_cast<const unsigned char*>(session_context.data()),
    static_cast<unsigned>(session_context.size()));
  if (auto failed = use_certificate(context.get(), options.certificate_file,
                                    options.key_file))
    return failed;
  return context;
}

} // namespace

caf::expected<std::shared_ptr<tls_server>>
tls_server::open(tls_server_options options) {
  auto context = server_context(options);
  if (!context)
    return context.error();
  return std::shared_ptr<tls_server>{
    new tls_server{std::move(options), std::move(*context)}};
}

caf::error tls_server::reload() {
  auto context = server_context(options_);
  if (!context)
    return context.error();
  const std::lock_guard guard{mutex_};
  context_ = std::move(*context);
  return {};
}

ssl_ptr tls_server::make_session() const {
  const std::lock_guard guard{mutex_};
  ssl_ptr session{SSL_new(context_.get())};
  if (session)
    SSL_set_accept_state(session.get());
  return session;
}

caf::expected<std::shared_ptr<tls_client>>
tls_client::open(const tls_client_options& options) {
  auto context = make_context(TLS_client_method());
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (options.ca_file.empty())
    SSL_CTX_set_default_verify_paths(context.get());
  else if (SSL_CTX_load_verify_file(context.get(), options.ca_file.c_str())
           != 1)
    return unusable("CA file", options.ca_file);
  if (!options.certificate_file.empty())
    if (auto failed = use_certificate(context.get(), options.certificate_file,
                                      options.key_file))
      return failed;
  return std::shared_ptr<tls_client>{new tls_client{std::move(context)}};
}

ssl_ptr tls_client::make_session(const std::string& host) const {
  // OpenSSL takes an empty name for "any".
  ssl_ptr session{host.empty() ? nullptr : SSL_new(context_.get())};
  if (!session)
    return nullptr;
  SSL_set_connect_state(session.get());
  auto* expected = SSL_get0_param(session.get());
  const auto address
    = X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str()) == 1;
  if (!address
      && (X509_VERIFY_PARAM_set1_host(expected, host.c_str(), host.size()) != 1
          || SSL_set_tlsext_host_name(session.get(), host.c_str()) != 1))
    return nullptr;
  return session;
}

} // namespace tidegate
