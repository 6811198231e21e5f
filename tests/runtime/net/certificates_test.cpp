#include "messages/error_text.hpp"
#include "scratch_certificates.hpp"

#include <catch2/catch.hpp>
#include <fstream>
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
