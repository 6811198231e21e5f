#include "storage/quarantine.hpp"

#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;

TEST_CASE("the quarantine never grows beyond its limit", "[storage][io]") {
  temporary_folder folder;
  quarantine kept{folder.path() / "quarantine", 100};
  CHECK(kept.keep(lane_id{1}, 0, std::string(50, 'x'), "damaged"));
  const auto size = kept.size();
  CHECK_FALSE(kept.keep(lane_id{1}, 9, std::string(50, 'x'), "damaged"));
  CHECK(kept.size() == size);
  SECTION("nor does it forget what an earlier run has put there") {
    quarantine again{folder.path() / "quarantine", 100};
    CHECK_FALSE(again.keep(lane_id{1}, 9, std::string(50, 'x'), "damaged"));
  }
}
