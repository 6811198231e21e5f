#include "runtime/net/certificates.hpp"

#include "messages/ec.hpp"
#include "messages/pass_phrase.hpp"
#include "runtime/net/openssl.hpp"

#include <algorithm>
#include <array>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <optional>

namespace tidegate {

namespace {

using general_names_ptr
  = std::unique_ptr<GENERAL_NAMES, openssl_free<GENERAL_NAMES_free>>;
using extension_ptr
  = std::unique_ptr<X509_EXTENSION, openssl_free<X509_EXTENSION_free>>;

caf::error failed(const std::string& what) {
  return caf::make_error(ec::bad_argument,
                         what + ": " + take_openssl_error("not possible"));
}

bio_ptr reader(const std::string& pem) {
  return bio_ptr{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
}

x509_ptr parse_certificate(const std::string& pem) {
  return x509_ptr{
    PEM_read_bio_X509(reader(pem).get(), nullptr, no_pass_phrase, nullptr)};
}

evp_pkey_ptr parse_key(const std::string& pem) {
  return evp_pkey_ptr{PEM_read_bio_PrivateKey(reader(pem).get(), nullptr,
                                              no_pass_phrase, nullptr)};
}

/// Why an authority's certificate or key cannot be read.
caf::error unreadable(const key_pair& ca) {
  const auto fault = pass_phrase_fault(ca.key);
  if (fault.empty())
    return failed("the CA's certificate or key is not PEM");
  ERR_clear_error();
  return caf::make_error(ec::bad_argument, "of the CA " + fault);
}

key_pair to_pem(X509* certificate, EVP_PKEY* key) {
  const bio_ptr first{BIO_new(BIO_s_mem())};
  PEM_write_bio_X509(first.get(), certificate);
  const bio_ptr second{BIO_new(BIO_s_mem())};
  PEM_write_bio_PKCS8PrivateKey(second.get(), key, nullptr, nullptr, 0, nullptr,
                                nullptr);
  return {text_of(first.get()), text_of(second.get())};
}

constexpr std::chrono::seconds head_start{3600};

/// An authority is valid from here on, whatever the clock said when it was
/// made: one that was ahead must not leave an authority of tomorrow behind.
constexpr std::chrono::sys_seconds authority_begins{
  std::chrono::sys_days{std::chrono::year{2000} / 1 / 1}};

std::time_t seconds_of(std::chrono::sys_seconds at) {
  return at.time_since_epoch().count();
}

/// A certificate for `key` with a random serial number, not signed yet.
x509_ptr begin_certificate(EVP_PKEY* key, const std::string& common_name,
                           std::chrono::sys_seconds from,
                           std::chrono::sys_seconds to) {
  x509_ptr made{X509_new()};
  X509_set_version(made.get(), X509_VERSION_3);
  std::array<unsigned char, 16> serial{};
  RAND_bytes(serial.data(), serial.size());
  serial.front() &= 0x7f;
  serial.back() |= 1;
  const std::unique_ptr<BIGNUM, openssl_free<BN_free>> number{
    BN_bin2bn(serial.data(), serial.size(), nullptr)};
  BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(made.get()));
  ASN1_TIME_set(X509_getm_notBefore(made.get()), seconds_of(from));
  ASN1_TIME_set(X509_getm_notAfter(made.get()), seconds_of(to));
  X509_NAME_add_entry_by_txt(
    X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
    reinterpret_cast<const unsigned char*>(common_name.data()),
    static_cast<int>(common_name.size()), -1, 0);
  X509_set_pubkey(made.get(), key);
  return made;
}

bool extend(X509* certificate, X509* issuer, int which, const char* value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const extension_ptr extension{
    X509V3_EXT_conf_nid(nullptr, &context, which, value)};
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

/// A name of the kind `GEN_DNS` or `GEN_URI`.
GENERAL_NAME* name_of(int kind, const std::string& value) {
  auto* name = GENERAL_NAME_new();
  auto* text = ASN1_IA5STRING_new();
  ASN1_STRING_set(text, value.data(), static_cast<int>(value.size()));
  GENERAL_NAME_set0_value(name, kind, text);
  return name;
}

/// An IP address where `host` is one, otherwise a DNS name.
GENERAL_NAME* host_name_of(const std::string& host) {
  auto* address = a2i_IPADDRESS(host.c_str());
  if (!address)
    return name_of(GEN_DNS, host);
  auto* name = GENERAL_NAME_new();
  GENERAL_NAME_set0_value(name, GEN_IPADD, address);
  return name;
}

bool add_names(X509* certificate, const certificate_request& from) {
  if (from.hosts.empty() && from.uris.empty())
    return true;
  const general_names_ptr names{GENERAL_NAMES_new()};
  for (const auto& host : from.hosts)
    sk_GENERAL_NAME_push(names.get(), host_name_of(host));
  for (const auto& uri : from.uris)
    sk_GENERAL_NAME_push(names.get(), name_of(GEN_URI, uri));
  return X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, 0)
         == 1;
}

caf::expected<key_pair> sign_ca(X509* self, EVP_PKEY* key) {
  X509_set_issuer_name(self, X509_get_subject_name(self));
  if (!extend(self, self, NID_basic_constraints, "critical,CA:TRUE")
      || !extend(self, self, NID_key_usage,
                 "critical,digitalSignature,keyCertSign,cRLSign")
      || !extend(self, self, NID_subject_key_identifier, "hash")
      || X509_sign(self, key, EVP_sha256()) == 0)
    return failed("no CA certificate can be made");
  return to_pem(self, key);
}

std::optional<std::chrono::sys_seconds> time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1)
    return std::nullopt;
  return std::chrono::sys_seconds{std::chrono::seconds{::timegm(&parts)}};
}

bool names_host(X509* certificate, const std::string& host) {
  return X509_check_ip_asc(certificate, host.c_str(), 0) == 1
         || X509_check_host(certificate, host.data(), host.size(),
                            X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, nullptr)
              == 1;
}

} // namespace

bool is_common_name(const std::string& text) {
  return !text.empty() && text.size() <= ub_common_name;
}

caf::expected<key_pair> make_ca(const std::string& common_name,
                                std::chrono::days valid,
                                std::chrono::sys_seconds at) {
  if (!is_common_name(common_name))
    return caf::make_error(ec::bad_argument, "a common name has 1 to 64 bytes");
  const evp_pkey_ptr key{EVP_EC_gen("P-256")};
  if (!key)
    return failed("no key can be made");
  const auto made = begin_certificate(
    key.get(), common_name, std::min(at, authority_begins), at + valid);
  return sign_ca(made.get(), key.get());
}

caf::expected<key_pair> prolong_ca(const key_pair& ca, std::chrono::days valid,
                                   std::chrono::sys_seconds at) {
  const auto old = parse_certificate(ca.certificate);
  const auto key = parse_key(ca.key);
  if (!old || !key)
    return unreadable(ca);
  const auto made = begin_certificate(
    key.get(), "renewed", std::min(at, authority_begins), at + valid);
  X509_set_subject_name(made.get(), X509_get_subject_name(old.get()));
  return sign_ca(made.get(), key.get());
}

caf::expected<key_pair> make_certificate(const key_pair& ca,
                                         const certificate_request& request) {
  if (!is_common_name(request.common_name))
    return caf::make_error(ec::bad_argument, "a common name has 1 to 64 bytes");
  const auto issuer = parse_certificate(ca.certificate);
  const auto issuer_key = parse_key(ca.key);
  if (!issuer || !issuer_key)
    return unreadable(ca);
  const evp_pkey_ptr key{EVP_EC_gen("P-256")};
  if (!key)
    return failed("no key can be made");
  const auto ca_ends = time_of(X509_get0_notAfter(issuer.get()));
  const auto ends = request.at + request.valid;
  const auto made
    = begin_certificate(key.get(), request.common_name, request.at - head_start,
                        ca_ends ? std::min(ends, *ca_ends) : ends);
  const auto* use
    = request.use == certificate_use::server ? "serverAuth" : "clientAuth";
  X509_set_issuer_name(made.get(), X509_get_subject_name(issuer.get()));
  if (!extend(made.get(), issuer.get(), NID_basic_constraints,
              "critical,CA:FALSE")
      || !extend(made.get(), issuer.get(), NID_key_usage,
                 "critical,digitalSignature")
      || !extend(made.get(), issuer.get(), NID_ext_key_usage, use)
      || !extend(made.get(), issuer.get(), NID_subject_key_identifier, "hash")
      || !extend(made.get(), issuer.get(), NID_authority_key_identifier,
                 "keyid")
      || !add_names(made.get(), request)
      || X509_sign(made.get(), issuer_key.get(), EVP_sha256()) == 0)
    return failed("no certificate can be made");
  auto pair = to_pem(made.get(), key.get());
  if (X509_NAME_cmp(X509_get_subject_name(issuer.get()),
                    X509_get_issuer_name(issuer.get()))
      != 0)
    pair.certificate += ca.certificate;
  return pair;
}

caf::expected<std::chrono::sys_seconds>
certificate_expiry(const std::string& pem) {
  const auto certificate = parse_certificate(pem);
  const auto end = certificate ? time_of(X509_get0_notAfter(certificate.get()))
                               : std::nullopt;
  if (!end)
    return failed("not a PEM certificate");
  return *end;
}

std::string authority_fault(const key_pair& ca, std::chrono::sys_seconds now,
                            std::chrono::seconds margin) {
  const auto certificate = parse_certificate(ca.certificate);
  const auto begins = certificate
                        ? time_of(X509_get0_notBefore(certificate.get()))
                        : std::nullopt;
  const auto ends = certificate ? time_of(X509_get0_notAfter(certificate.get()))
                                : std::nullopt;
  if (!begins || now < *begins)
    return "it is not valid yet";
  if (!ends || now + margin >= *ends)
    return "it has expired, or is about to";
  return {};
}

std::string key_fault(const std::string& pem) {
  const auto key = parse_key(pem);
  ERR_clear_error();
  if (key)
    return {};
  auto fault = pass_phrase_fault(pem);
  return fault.empty() ? "holds no private key in PEM" : fault;
}

bool belong_together(const key_pair& pair) {
  const auto certificate = parse_certificate(pair.certificate);
  const auto key = parse_key(pair.key);
  const bool fit = certificate && key
                   && X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  return fit;
}

std::string server_certificate_fault(const key_pair& shown, const key_pair& ca,
                                     const std::vector<std::string>& hosts,
                                     std::chrono::sys_seconds now,
                                     std::chrono::seconds margin) {
  const auto certificate = parse_certificate(shown.certificate);
  const auto key = parse_key(shown.key);
  const auto issuer = parse_certificate(ca.certificate);
  if (!certificate || !key)
    return "there is none that can be read";
  if (X509_check_private_key(certificate.get(), key.get()) != 1)
    return "its key is another one";
  if (!issuer
      || X509_verify(certificate.get(), X509_get0_pubkey(issuer.get())) != 1)
    return "it is not from this node's authority";
  for (const auto& host : hosts)
    if (!names_host(certificate.get(), host))
      return "it does not name " + host;
  const auto begins = time_of(X509_get0_notBefore(certificate.get()));
  const auto ends = time_of(X509_get0_notAfter(certificate.get()));
  if (!begins || now < *begins)
    return "it is not valid yet";
  // One that ends with its authority is as good as one can be had.
  const auto ca_ends = time_of(X509_get0_notAfter(issuer.get()));
  if (!ends || now > *ends
      || (now + margin > *ends && (!ca_ends || *ends < *ca_ends)))
    return "it has expired, or is about to";
  return {};
}

std::chrono::sys_seconds this_second() {
  return std::chrono::floor<std::chrono::seconds>(
    std::chrono::system_clock::now());
}

} // namespace tidegate
