#pragma once

#include <catch2/catch.hpp>
#include <chrono>
#include <ctime>
#include <memory>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string>

/// A certificate with a key of its own, signed by `issuer` or by itself.
class test_certificate {
public:
  struct wish {
    std::string name; ///< common name of the subject
    bool authority = false;
    const char* use = nullptr; ///< `serverAuth`, ...; null: not said
    std::chrono::sys_seconds from{std::chrono::seconds{1'700'000'000}};
    std::chrono::sys_seconds to{std::chrono::seconds{1'900'000'000}};
    const char* also = nullptr; ///< `URI:...`, `DNS:...`: another name of it
  };

  explicit test_certificate(const wish& of,
                            const test_certificate* issuer = nullptr)
    : key_{EVP_EC_gen("P-256"), EVP_PKEY_free}, made_{X509_new(), X509_free} {
    auto* const made = made_.get();
    const auto* by = issuer ? issuer : this;
    X509_set_version(made, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made), ++serial_);
    ASN1_TIME_set(X509_getm_notBefore(made),
                  of.from.time_since_epoch().count());
    ASN1_TIME_set(X509_getm_notAfter(made), of.to.time_since_epoch().count());
    X509_NAME_add_entry_by_txt(
      X509_get_subject_name(made), "CN", MBSTRING_UTF8,
      reinterpret_cast<const unsigned char*>(of.name.c_str()), -1, -1, 0);
    X509_set_issuer_name(made, X509_get_subject_name(by->made_.get()));
    X509_set_pubkey(made, key_.get());
    if (of.authority)
      extend(NID_basic_constraints, "critical,CA:TRUE");
    if (of.use)
      extend(NID_ext_key_usage, of.use);
    if (of.also)
      extend(NID_subject_alt_name, of.also);
    REQUIRE(X509_sign(made, by->key_.get(), EVP_sha256()) > 0);
  }

  std::string pem() const {
    const std::unique_ptr<BIO, decltype(&BIO_free_all)> out{
      BIO_new(BIO_s_mem()), BIO_free_all};
    PEM_write_bio_X509(out.get(), made_.get());
    const char* data = nullptr;
    const auto size = BIO_get_mem_data(out.get(), &data);
    return {data, static_cast<std::size_t>(size)};
  }

private:
  void extend(int which, const char* value) {
    auto* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, which, value);
    REQUIRE(extension);
    X509_add_ext(made_.get(), extension, -1);
    X509_EXTENSION_free(extension);
  }

  static inline long serial_ = 0;
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
  std::unique_ptr<X509, decltype(&X509_free)> made_;
};

/// All that the first certificate in `pem` says, as `openssl x509 -text`.
inline std::string describe_certificate(const std::string& pem) {
  using bio = std::unique_ptr<BIO, decltype(&BIO_free_all)>;
  const bio in{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
               BIO_free_all};
  const std::unique_ptr<X509, decltype(&X509_free)> read{
    PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), X509_free};
  REQUIRE(read);
  const bio out{BIO_new(BIO_s_mem()), BIO_free_all};
  X509_print(out.get(), read.get());
  const char* data = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}
