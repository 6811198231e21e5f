#include "runtime/net/own_certificate.hpp"

#include "messages/error_text.hpp"
#include "runtime/engines/durable_file.hpp"
#include "storage/private_file.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>
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
