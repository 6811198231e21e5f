#include "runtime/net/own_certificate.hpp"

#include "messages/error_text.hpp"
#include "runtime/engines/durable_file.hpp"
#include "runtime/net/openssl.hpp"
#include "storage/private_file.hpp"
#include "support/temporary_folder.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>

using namespace tidegate;
using std::chrono::days;

namespace {

constexpr std::chrono::sys_seconds start{std::chrono::seconds{1'800'000'000}};

struct fixture {
  temporary_folder folder;
  own_certificate own{{folder.path() / "certificates",
                       {},
                       {},
                       {"gateway.local", "10.0.0.7", "::1"}}};

  bool keep(std::chrono::sys_seconds now) {
    const auto kept = own.keep(now);
    INFO((kept ? std::string{} : error_text(kept.error())));
    REQUIRE(kept);
    return *kept;
  }
  std::string text(const std::filesystem::path& file) {
    return read_file(file).value_or("");
  }
  std::string fault(std::chrono::sys_seconds now,
                    std::vector<std::string> hosts = {}) {
    return server_certificate_fault({text(own.certificate()), text(own.key())},
                                    {text(own.ca_certificate()), ""}, hosts,
                                    now, {});
  }
};

/// A certificate of the authority that has `key`, valid from `begins` on.
std::string not_before(const std::string& key,
                       std::chrono::sys_seconds begins) {
  const bio_ptr in{BIO_new_mem_buf(key.data(), static_cast<int>(key.size()))};
  const evp_pkey_ptr signs{
    PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr)};
  const x509_ptr made{X509_new()};
  ASN1_TIME_set(X509_getm_notBefore(made.get()),
                begins.time_since_epoch().count());
  ASN1_TIME_set(X509_getm_notAfter(made.get()),
                (begins + days{7300}).time_since_epoch().count());
  X509_NAME_add_entry_by_txt(
    X509_get_subject_name(made.get()), "CN", MBSTRING_ASC,
    reinterpret_cast<const unsigned char*>("Tidegate gateway.local"), -1, -1,
    0);
  X509_set_issuer_name(made.get(), X509_get_subject_name(made.get()));
  X509_set_pubkey(made.get(), signs.get());
  X509_sign(made.get(), signs.get(), EVP_sha256());
  const bio_ptr out{BIO_new(BIO_s_mem())};
  PEM_write_bio_X509(out.get(), made.get());
  return text_of(out.get());
}

} // namespace

TEST_CASE_METHOD(fixture, "a node issues its own certificate",
                 "[certificates][io]") {
  CHECK(keep(start));
  CHECK(fault(start, {"gateway.local", "10.0.0.7", "::1"}).empty());
  CHECK_FALSE(fault(start, {"other.local"}).empty());
  CHECK_FALSE(keep(start + days{1}));
  struct stat file {};
  REQUIRE(::stat(own.key().c_str(), &file) == 0);
  CHECK((file.st_mode & 077) == 0);
}

TEST_CASE_METHOD(fixture, "a certificate is renewed before it ends",
                 "[certificates][io]") {
  keep(start);
  const auto ca = text(own.ca_certificate());
  CHECK_FALSE(keep(start + days{59}));
  CHECK(keep(start + days{61}));
  CHECK(text(own.ca_certificate()) == ca);
  SECTION("also when the node was off for a year") {
    CHECK(keep(start + days{366}));
    CHECK(fault(start + days{366}).empty());
    CHECK(text(own.ca_certificate()) == ca);
  }
  SECTION("and when the clock was set back") {
    CHECK(keep(start - days{10}));
    CHECK(fault(start - days{10}).empty());
  }
}

TEST_CASE_METHOD(fixture, "an authority is prolonged with the same key",
                 "[certificates][io]") {
  keep(start);
  const key_pair old{text(own.ca_certificate()), ""};
  const auto late = start + days{17 * 365};
  CHECK(keep(late));
  CHECK(text(own.ca_certificate()) != old.certificate);
  // Who trusts the old one trusts what is issued now.
  CHECK(server_certificate_fault({text(own.certificate()), text(own.key())},
                                 old, {}, late, {})
          .empty());
}

TEST_CASE_METHOD(fixture,
                 "an authority made while the clock was ahead is good later",
                 "[certificates][io]") {
  keep(start + days{30 * 365});
  const auto made = text(own.ca_certificate());
  CHECK(keep(start));
  CHECK(fault(start).empty());
  const key_pair ca{text(own.ca_certificate()), ""};
  CHECK(authority_fault(ca, start, {}).empty());
  SECTION("as it is: who took it goes on") { CHECK(ca.certificate == made); }
}

TEST_CASE_METHOD(fixture, "an authority that is not valid yet is made anew",
                 "[certificates][io]") {
  keep(start);
  // As earlier versions made them: valid from an hour before they were made.
  const auto before = text(own.ca_certificate());
  const auto later
    = not_before(text(folder.path() / "certificates/ca.key"), start + days{7});
  REQUIRE_FALSE(write_private_file(own.ca_certificate().string(), later));
  CHECK_FALSE(authority_fault({later, ""}, start, {}).empty());
  keep(start);
  const auto now = text(own.ca_certificate());
  CHECK(now != later);
  CHECK(authority_fault({now, ""}, start, {}).empty());
  // The key is the same: who trusts the first one trusts what is issued now.
  CHECK(server_certificate_fault({text(own.certificate()), text(own.key())},
                                 {before, ""}, {}, start, {})
          .empty());
}

TEST_CASE_METHOD(fixture, "a damaged authority does not stop a node",
                 "[certificates][io]") {
  keep(start);
  const auto folder_of = folder.path() / "certificates";
  const auto file = GENERATE(as<std::string>{}, "ca.key", "ca.pem");
  auto damaged = text(folder_of / file);
  SECTION("a flipped bit") { damaged[damaged.size() / 2] ^= 4; }
  SECTION("a file that is cut off") { damaged.resize(damaged.size() / 2); }
  SECTION("an empty file") { damaged.clear(); }
  SECTION("zeros") { std::fill(damaged.begin(), damaged.end(), '\0'); }
  REQUIRE_FALSE(write_private_file((folder_of / file).string(), damaged));
  CHECK(keep(start));
  CHECK(fault(start).empty());
  CHECK(text(folder_of / (file + ".damaged")) == damaged);
}

TEST_CASE_METHOD(fixture, "what is broken is made anew", "[certificates][io]") {
  keep(start);
  SECTION("a key that is another's") {
    REQUIRE_FALSE(
      write_private_file(own.key().string(), make_ca("x", days{1})->key));
  }
  SECTION("a file that is cut off") {
    REQUIRE_FALSE(
      write_private_file(own.certificate().string(), "-----BEGIN CERT"));
  }
  CHECK(keep(start));
  CHECK(fault(start).empty());
}

TEST_CASE_METHOD(fixture, "another name makes another certificate",
                 "[certificates][io]") {
  keep(start);
  own_certificate renamed{
    {folder.path() / "certificates", {}, {}, {"new.local"}}};
  REQUIRE(renamed.keep(start));
  CHECK(fault(start, {"new.local"}).empty());
}

TEST_CASE_METHOD(fixture, "a configured authority issues",
                 "[certificates][io]") {
  const auto root = make_ca("root", days{3650}, start);
  REQUIRE(root);
  REQUIRE_FALSE(write_private_file((folder.path() / "root.pem").string(),
                                   root->certificate));
  REQUIRE_FALSE(
    write_private_file((folder.path() / "root.key").string(), root->key));
  own_certificate issued{{folder.path() / "issued",
                          folder.path() / "root.pem",
                          folder.path() / "root.key",
                          {"gateway.local"}}};
  REQUIRE(issued.keep(start));
  CHECK(
    server_certificate_fault({text(issued.certificate()), text(issued.key())},
                             *root, {"gateway.local"}, start, {})
      .empty());
  SECTION("and one that cannot be read is named") {
    own_certificate none{{folder.path() / "none",
                          folder.path() / "gone.pem",
                          folder.path() / "gone.key",
                          {"gateway.local"}}};
    CHECK_FALSE(none.keep(start));
  }
}
