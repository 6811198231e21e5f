#include "storage/deployment_backup.hpp"

#include "messages/ec.hpp"
#include "support/temporary_folder.hpp"

#include <boost/json/value.hpp>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

using namespace tidegate;

namespace {

struct kept_deployment {
  temporary_folder folder;
  std::filesystem::path file = folder.path() / "deployment.sealed";
  deployment_backup subject = with_key('k');
  const deployment_backup::content first{
    7, {{"schemaVersion", "1.1"}, {"secret", "s3cret"}}};

  deployment_backup with_key(char byte) const {
    return {file, std::make_shared<const seal>(std::string(32, byte))};
  }
  std::string on_disk() const {
    std::ifstream in{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
  }
};

} // namespace

TEST_CASE_METHOD(kept_deployment, "a deployment that was kept is there again",
                 "[storage]") {
  CHECK(subject.load().error() == ec::not_found);
  REQUIRE_FALSE(subject.keep(first));
  CHECK(*with_key('k').load() == first);
  SECTION("sealed") {
    CHECK(on_disk().find("s3cret") == std::string::npos);
    CHECK(with_key('x').load().error() == ec::store_damaged);
  }
  SECTION("sealed anew with every write, and not written without need") {
    const auto before = on_disk();
    REQUIRE_FALSE(subject.keep(first));
    CHECK(on_disk() == before);
    auto next = first;
    next.version = 8;
    REQUIRE_FALSE(subject.keep(next));
    REQUIRE_FALSE(subject.keep(first));
    CHECK(on_disk() != before);
    CHECK(*with_key('k').load() == first);
  }
  SECTION("but not when the file was cut") {
    std::filesystem::resize_file(file, on_disk().size() - 1);
    CHECK(with_key('k').load().error() == ec::store_damaged);
  }
}
