#include "messages/iothub/client_certificate.hpp"

#include "messages/pass_phrase.hpp"

#include <array>
#include <cctype>
#include <ctime>
#include <memory>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <vector>

namespace tidegate {

namespace {

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

using certificate_ptr = std::unique_ptr<X509, freed_by<X509_free>>;

/// A chain longer than this is read no further.
constexpr std::size_t longest_chain = 16;
constexpr std::size_t largest_bundle = 1000;

std::vector<certificate_ptr> read_all(const std::string& pem,
                                      std::size_t most) {
  std::vector<certificate_ptr> all;
  const std::unique_ptr<BIO, freed_by<BIO_free_all>> in{
    BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
  while (all.size() < most) {
    certificate_ptr next{
      PEM_read_bio_X509(in.get(), nullptr, no_pass_phrase, nullptr)};
    if (!next)
      break;
    all.push_back(std::move(next));
  }
  ERR_clear_error();
  return all;
}

std::string thumbprint(const X509* of, const EVP_MD* by) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  X509_digest(of, by, digest.data(), &size);
  std::string hex;
  for (unsigned i = 0; i < size; ++i) {
    constexpr auto digits = "0123456789abcdef";
    hex += digits[digest[i] >> 4];
    hex += digits[digest[i] & 15];
  }
  return hex;
}

std::string common_name(X509* of) {
  auto* const subject = X509_get_subject_name(of);
  const auto at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0)
    return {};
  unsigned char* text = nullptr;
  const auto size = ASN1_STRING_to_UTF8(
    &text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  if (size < 0)
    return {};
  std::string name{reinterpret_cast<const char*>(text),
                   static_cast<std::size_t>(size)};
  OPENSSL_free(text);
  return name;
}

/// Whether `name` is `azureiot://hub/devices/d/modules/m`, in whichever field
/// and with whatever in front: IoT Edge writes it as a DNS name, `URI: ...`.
bool names_module(std::string_view name) {
  std::string lower{name};
  for (auto& c : lower)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const auto scheme = lower.find("azureiot:");
  return scheme != std::string::npos
         && lower.find("/modules/", scheme) != std::string::npos;
}

bool is_of_module(const X509* of) {
  const std::unique_ptr<GENERAL_NAMES, freed_by<GENERAL_NAMES_free>> names{
    static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(of, NID_subject_alt_name, nullptr, nullptr))};
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    int kind = 0;
    auto* const value
      = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &kind);
    if (kind != GEN_URI && kind != GEN_DNS)
      continue;
    const auto* const text = static_cast<const ASN1_STRING*>(value);
    if (names_module(
          {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
           static_cast<std::size_t>(ASN1_STRING_length(text))}))
      return true;
  }
  return false;
}

sas_time time_of(const ASN1_TIME* time, sas_time otherwise) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1)
    return otherwise;
  return sas_time{std::chrono::seconds{::timegm(&parts)}};
}

} // namespace

std::optional<client_certificate>
read_client_certificate(const std::string& pem) {
  const auto all = read_all(pem, 1);
  if (all.empty())
    return std::nullopt;
  auto* const leaf = all.front().get();
  client_certificate found;
  found.common_name = common_name(leaf);
  found.sha1 = thumbprint(leaf, EVP_sha1());
  found.sha256 = thumbprint(leaf, EVP_sha256());
  // What cannot be read is never valid.
  found.begins = time_of(X509_get0_notBefore(leaf), sas_time::max());
  found.ends = time_of(X509_get0_notAfter(leaf), sas_time::min());
  found.is_of_module = is_of_module(leaf);
  found.is_authority = X509_check_ca(leaf) != 0;
  ERR_clear_error();
  return found;
}

std::string chain_fault(const std::string& pem, const std::string& trusted,
                        sas_time now) {
  const auto chain = read_all(pem, longest_chain);
  const auto bundle = read_all(trusted, largest_bundle);
  if (chain.empty())
    return "no certificate was shown";
  if (bundle.empty())
    return "this node trusts no certificate authority";
  const std::unique_ptr<X509_STORE, freed_by<X509_STORE_free>> anchors{
    X509_STORE_new()};
  for (const auto& one : bundle)
    X509_STORE_add_cert(anchors.get(), one.get());
  auto* const between = sk_X509_new_null();
  for (const auto& one : chain)
    sk_X509_push(between, one.get());
  const std::unique_ptr<X509_STORE_CTX, freed_by<X509_STORE_CTX_free>> check{
    X509_STORE_CTX_new()};
  X509_STORE_CTX_init(check.get(), anchors.get(), chain.front().get(), between);
  auto* const rules = X509_STORE_CTX_get0_param(check.get());
  X509_VERIFY_PARAM_set_time(
    rules,
    std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count());
  // The bundle may hold what stands below a root.
  X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN);
  // A server's certificate is no client's, whoever issued it.
  X509_VERIFY_PARAM_set_purpose(rules, X509_PURPOSE_SSL_CLIENT);
  const auto good = X509_verify_cert(check.get()) == 1;
  const auto fault = X509_STORE_CTX_get_error(check.get());
  sk_X509_free(between);
  ERR_clear_error();
  return good ? std::string{} : X509_verify_cert_error_string(fault);
}

} // namespace tidegate
