#include "runtime/net/certificates.hpp"

#include "messages/ec.hpp"
#include "runtime/net/openssl.hpp"

#include <array>
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
    PEM_read_bio_X509(reader(pem).get(), nullptr, nullptr, nullptr)};
}

evp_pkey_ptr parse_key(const std::string& pem) {
  return evp_pkey_ptr{
    PEM_read_bio_PrivateKey(reader(pem).get(), nullptr, nullptr, nullptr)};
}

key_pair to_pem(X509* certificate, EVP_PKEY* key) {
  const bio_ptr first{BIO_new(BIO_s_mem())};
  PEM_write_bio_X509(first.get(), certificate);
  const bio_ptr second{BIO_new(BIO_s_mem())};
  PEM_write_bio_PKCS8PrivateKey(second.get(), key, nullptr, nullptr, 0, nullptr,
                                nullptr);
  return {text_of(first.get()), text_of(second.get())};
}

/// A certificate for `key` with a random serial number, not signed yet.
x509_ptr begin_certificate(EVP_PKEY* key, const std::string& common_name,
                           std::chrono::days valid) {
  x509_ptr made{X509_new()};
  X509_set_version(made.get(), X509_VERSION_3);
  std::array<unsigned char, 16> serial{};
  RAND_bytes(serial.data(), serial.size());
  serial.front() &= 0x7f;
  serial.back() |= 1;
  const std::unique_ptr<BIGNUM, openssl_free<BN_free>> number{
    BN_bin2bn(serial.data(), serial.size(), nullptr)};
  BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(made.get()));
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -3600);
  X509_time_adj_ex(X509_getm_notAfter(made.get()),
                   static_cast<int>(valid.count()), 0, nullptr);
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

/// An IP address where `host` is one, otherwise a DNS name.
GENERAL_NAME* name_of(const std::string& host) {
  auto* name = GENERAL_NAME_new();
  if (auto* address = a2i_IPADDRESS(host.c_str())) {
    GENERAL_NAME_set0_value(name, GEN_IPADD, address);
    return name;
  }
  auto* text = ASN1_IA5STRING_new();
  ASN1_STRING_set(text, host.data(), static_cast<int>(host.size()));
  GENERAL_NAME_set0_value(name, GEN_DNS, text);
  return name;
}

bool add_hosts(X509* certificate, const std::vector<std::string>& hosts) {
  if (hosts.empty())
    return true;
  const general_names_ptr names{GENERAL_NAMES_new()};
  for (const auto& host : hosts)
    sk_GENERAL_NAME_push(names.get(), name_of(host));
  return X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, 0)
         == 1;
}

bool is_common_name(const std::string& text) {
  return !text.empty() && text.size() <= ub_common_name;
}

} // namespace

caf::expected<key_pair> make_ca(const std::string& common_name,
                                std::chrono::days valid) {
  if (!is_common_name(common_name))
    return caf::make_error(ec::bad_argument, "a common name has 1 to 64 bytes");
  const evp_pkey_ptr key{EVP_EC_gen("P-256")};
  if (!key)
    return failed("no key can be made");
  const auto made = begin_certificate(key.get(), common_name, valid);
  auto* const self = made.get();
  X509_set_issuer_name(self, X509_get_subject_name(self));
  if (!extend(self, self, NID_basic_constraints, "critical,CA:TRUE")
      || !extend(self, self, NID_key_usage,
                 "critical,digitalSignature,keyCertSign,cRLSign")
      || !extend(self, self, NID_subject_key_identifier, "hash")
      || X509_sign(self, key.get(), EVP_sha256()) == 0)
    return failed("no CA certificate can be made");
  return to_pem(self, key.get());
}

caf::expected<key_pair> make_certificate(const key_pair& ca,
                                         const certificate_request& request) {
  if (!is_common_name(request.common_name))
    return caf::make_error(ec::bad_argument, "a common name has 1 to 64 bytes");
  const auto issuer = parse_certificate(ca.certificate);
  const auto issuer_key = parse_key(ca.key);
  if (!issuer || !issuer_key)
    return failed("the CA's certificate or key is not PEM");
  const evp_pkey_ptr key{EVP_EC_gen("P-256")};
  if (!key)
    return failed("no key can be made");
  const auto made
    = begin_certificate(key.get(), request.common_name, request.valid);
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
      || !add_hosts(made.get(), request.hosts)
      || X509_sign(made.get(), issuer_key.get(), EVP_sha256()) == 0)
    return failed("no certificate can be made");
  return to_pem(made.get(), key.get());
}

caf::expected<std::chrono::sys_seconds>
certificate_expiry(const std::string& pem) {
  const auto certificate = parse_certificate(pem);
  std::tm end{};
  if (!certificate
      || ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &end) != 1)
    return failed("not a PEM certificate");
  return std::chrono::sys_seconds{std::chrono::seconds{::timegm(&end)}};
}

} // namespace tidegate
