#include "storage/seal.hpp"

#include "messages/ec.hpp"
#include "messages/error_text.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>

using namespace tidegate;

TEST_CASE("only the right key in the right place opens a record", "[seal]") {
  const seal ours{std::string(32, 'k')};
  const auto sealed = ours.close("a secret", "here");
  REQUIRE(sealed);
  CHECK(sealed->find("secret") == std::string::npos);
  CHECK(*ours.unseal(*sealed, "here") == "a secret");
  SECTION("another key does not") {
    const seal other{std::string(32, 'x')};
    CHECK(other.unseal(*sealed, "here").error() == ec::store_damaged);
  }
  SECTION("nor another place") {
    CHECK(ours.unseal(*sealed, "there").error() == ec::store_damaged);
  }
  SECTION("nor is any damage overlooked") {
    for (std::size_t i = 0; i < sealed->size(); ++i) {
      auto damaged = *sealed;
      damaged[i] = static_cast<char>(damaged[i] ^ 1);
      CHECK_FALSE(ours.unseal(damaged, "here"));
      CHECK_FALSE(ours.unseal(sealed->substr(0, i), "here"));
    }
  }
  SECTION("a record is never sealed twice in the same way") {
    CHECK(*ours.close("a secret", "here") != *sealed);
  }
  SECTION("nothing can be sealed as well") {
    CHECK(ours.unseal(*ours.close("", "here"), "here")->empty());
  }
}

TEST_CASE("a key file is made once and is its owner's alone", "[seal][io]") {
  const temporary_folder folder;
  const auto path = folder.path() / "key";
  CHECK(seal::open(path, false).error() == ec::bad_argument);
  const auto first = seal::open(path);
  REQUIRE(first);
  struct stat found {};
  REQUIRE(::stat(path.c_str(), &found) == 0);
  CHECK((found.st_mode & 0777) == 0600);
  const auto again = seal::open(path, false);
  REQUIRE(again);
  CHECK(*(*again)->unseal(*(*first)->close("x", "p"), "p") == "x");
  SECTION("one that others can read is refused") {
    std::filesystem::permissions(path, std::filesystem::perms{0640});
    const auto open = seal::open(path);
    REQUIRE_FALSE(open);
    CHECK(error_text(open.error()).find("0600") != std::string::npos);
  }
  SECTION("one of another size is refused") {
    std::ofstream{path} << "short";
    CHECK(seal::open(path).error() == ec::bad_argument);
  }
}
