#include "benchmarks/harness/nodes/certificate.hpp"

#include "runtime/net/openssl.hpp"

#include <fstream>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

namespace tidegate::harness {

namespace {

constexpr long seconds_valid = 24 * 60 * 60;
/// Clocks of one machine agree; the margin is for one that was just set.
constexpr long seconds_back = 60 * 60;

bool add_extension(X509* certificate, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  auto* const extension
    = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  const auto added = extension && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

bool fill(X509* certificate, EVP_PKEY* key, const std::string& host) {
  std::uint64_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial));
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -seconds_back);
  X509_gmtime_adj(X509_getm_notAfter(certificate), seconds_valid);
  X509_set_pubkey(certificate, key);
  auto* const name = X509_get_subject_name(certificate);
  const auto* const text = reinterpret_cast<const unsigned char*>(host.c_str());
  return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, -1, -1, 0)
           == 1
         && X509_set_issuer_name(certificate, name) == 1
         && add_extension(certificate, NID_basic_constraints, "CA:TRUE")
         && add_extension(certificate, NID_subject_alt_name,
                          "DNS:" + host + ",DNS:localhost,IP:127.0.0.1")
         && X509_sign(certificate, key, EVP_sha256()) > 0;
}

} // namespace

std::string write_certificate(const std::filesystem::path& certificate,
                              const std::filesystem::path& key,
                              const std::string& host) {
  const evp_pkey_ptr secret{EVP_EC_gen("P-256")};
  const x509_ptr shown{X509_new()};
  const bio_ptr secret_text{BIO_new(BIO_s_mem())};
  const bio_ptr shown_text{BIO_new(BIO_s_mem())};
  if (!secret || !shown || !fill(shown.get(), secret.get(), host)
      || PEM_write_bio_PrivateKey(secret_text.get(), secret.get(), nullptr,
                                  nullptr, 0, nullptr, nullptr)
           != 1
      || PEM_write_bio_X509(shown_text.get(), shown.get()) != 1)
    return take_openssl_error("a certificate for " + host + " cannot be made");
  std::ofstream secret_file{key, std::ios::binary};
  std::ofstream shown_file{certificate, std::ios::binary};
  secret_file << text_of(secret_text.get());
  shown_file << text_of(shown_text.get());
  secret_file.close();
  shown_file.close();
  if (!secret_file || !shown_file)
    return certificate.parent_path().string() + " cannot be written to";
  return {};
}

} // namespace tidegate::harness
