#pragma once

#include <memory>
#include <openssl/ssl.h>
#include <string>

namespace tidegate {

/// Frees an OpenSSL object with the function that belongs to its type.
template <auto Free>
struct openssl_free {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

using ssl_ptr = std::unique_ptr<SSL, openssl_free<SSL_free>>;
using bio_ptr = std::unique_ptr<BIO, openssl_free<BIO_free_all>>;
using x509_ptr = std::unique_ptr<X509, openssl_free<X509_free>>;
using evp_pkey_ptr = std::unique_ptr<EVP_PKEY, openssl_free<EVP_PKEY_free>>;

/// Takes all errors of this thread out of OpenSSL's queue and words the first
/// one; `fallback` when there is none.
std::string take_openssl_error(std::string fallback);

/// What a memory BIO holds.
std::string text_of(BIO* memory);

} // namespace tidegate
