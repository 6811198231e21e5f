#include "messages/error_text.hpp"
#include "runtime/net/openssl.hpp"
#include "scratch_certificates.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <openssl/pem.h>
#include <sys/stat.h>

using namespace tidegate;

TEST_CASE("a certificate expires when its maker said", "[net][certificates]") {
  const auto made = make_ca("CA", std::chrono::days{90});
  REQUIRE(made);
  const auto expiry = certificate_expiry(made->certificate);
  REQUIRE(expiry);
  const auto left = *expiry - std::chrono::system_clock::now();
  CHECK(left > std::chrono::days{89});
  CHECK(left <= std::chrono::days{90});
}

TEST_CASE("what is not a certificate is an error", "[net][certificates]") {
  CHECK_FALSE(certificate_expiry("no PEM"));
  CHECK_FALSE(make_certificate({"no", "PEM"}, {"name", {}}));
  CHECK_FALSE(make_ca("", std::chrono::days{1}));
  CHECK_FALSE(make_ca(std::string(65, 'n'), std::chrono::days{1}));
}

TEST_CASE("two certificates never share a key", "[net][certificates]") {
  const auto ca = make_ca("CA", std::chrono::days{1});
  REQUIRE(ca);
  const auto one = make_certificate(*ca, {"one", {"one.example"}});
  const auto two = make_certificate(*ca, {"one", {"one.example"}});
  REQUIRE(one);
  REQUIRE(two);
  CHECK(one->key != two->key);
  CHECK(one->certificate != two->certificate);
}

TEST_CASE("a private file is whole and its owner's alone",
          "[net][certificates][io]") {
  const scratch_certificates files;
  const auto path = files.key("extra");
  REQUIRE_FALSE(write_private_file(path, "first"));
  REQUIRE_FALSE(write_private_file(path, "second"));
  struct stat file {};
  REQUIRE(::stat(path.c_str(), &file) == 0);
  CHECK((file.st_mode & 0777) == 0600);
  std::ifstream in{path};
  CHECK(std::string{std::istreambuf_iterator<char>{in}, {}} == "second");
  const auto failed = write_private_file("/nowhere/key", "text");
  CHECK(error_text(failed).find("/nowhere/key") != std::string::npos);
}

namespace {

/// An EC key, encrypted in each of the two forms of PEM.
std::string locked_key(bool traditional) {
  const evp_pkey_ptr key{EVP_EC_gen("P-256")};
  const bio_ptr out{BIO_new(BIO_s_mem())};
  auto* const phrase
    = reinterpret_cast<unsigned char*>(const_cast<char*>("pw"));
  if (traditional)
    PEM_write_bio_PrivateKey_traditional(
      out.get(), key.get(), EVP_aes_128_cbc(), phrase, 2, nullptr, nullptr);
  else
    PEM_write_bio_PKCS8PrivateKey(out.get(), key.get(), EVP_aes_128_cbc(), "pw",
                                  2, nullptr, nullptr);
  return text_of(out.get());
}

} // namespace

TEST_CASE("a key with a pass phrase is an error, and nobody is asked",
          "[net][certificates]") {
  const auto pem = locked_key(GENERATE(true, false));
  CHECK_THAT(key_fault(pem), Catch::Contains("has a pass phrase"));
  auto ca = make_ca("test CA", std::chrono::days{1});
  REQUIRE(ca);
  CHECK(key_fault(ca->key).empty());
  CHECK(key_fault("no key") == "holds no private key in PEM");
  ca->key = pem;
  const auto made = make_certificate(*ca, {"server", {"localhost"}});
  REQUIRE_FALSE(made);
  CHECK_THAT(error_text(made.error()), Catch::Contains("has a pass phrase"));
  CHECK_FALSE(belong_together(*ca));
  const temporary_folder folder;
  const auto certificate = (folder.path() / "a.pem").string();
  const auto key = (folder.path() / "a.key").string();
  std::ofstream{certificate} << ca->certificate;
  std::ofstream{key} << pem;
  const auto server = tls_server::open({certificate, key});
  REQUIRE_FALSE(server);
  CHECK_THAT(error_text(server.error()),
             Catch::Contains(key) && Catch::Contains("has a pass phrase"));
}
