#include "actors/store/settlements.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;

namespace {

constexpr auto delivered = outcome::delivered;
constexpr auto expired = outcome::expired;

bool same(const settle_lane& a, const settle_lane& b) {
  return a.lane == b.lane && a.first == b.first
         && std::equal(a.runs.begin(), a.runs.end(), b.runs.begin(),
                       b.runs.end(), [](const auto& x, const auto& y) {
                         return x.count == y.count && x.how == y.how;
                       });
}

} // namespace

TEST_CASE("settlements of a lane that follow each other become one",
          "[store]") {
  settlements all;
  all.add({lane_id{1}, 10, {{5, delivered}}});
  all.add({lane_id{2}, 0, {{1, delivered}}});
  all.add({lane_id{1}, 15, {{2, delivered}, {1, expired}}});
  const auto taken = all.take();
  REQUIRE(taken.size() == 2);
  CHECK(same(taken[0], {lane_id{1}, 10, {{7, delivered}, {1, expired}}}));
  CHECK(all.empty());
}

TEST_CASE("settlements with a hole between them stay apart, in order",
          "[store]") {
  settlements all;
  all.add({lane_id{1}, 0, {{5, delivered}}});
  all.add({lane_id{1}, 9, {{1, delivered}}});
  all.add({lane_id{1}, 10, {{1, delivered}}});
  const auto taken = all.take();
  REQUIRE(taken.size() == 2);
  CHECK(taken[1].runs.at(0).count == 2);
}

TEST_CASE("a run that a counter cannot hold is not joined", "[store]") {
  settlements all;
  all.add({lane_id{1}, 0, {{0xffff'ffff, delivered}}});
  all.add({lane_id{1}, 0xffff'ffff, {{1, delivered}}});
  CHECK(all.take().at(0).runs.size() == 2);
}

TEST_CASE("what could not be written goes in front of what came since",
          "[store]") {
  settlements all;
  all.add({lane_id{1}, 0, {{5, delivered}}});
  auto earlier = all.take();
  all.add({lane_id{1}, 5, {{5, delivered}}});
  all.put_back(std::move(earlier));
  const auto taken = all.take();
  REQUIRE(taken.size() == 1);
  CHECK(same(taken[0], {lane_id{1}, 0, {{10, delivered}}}));
}
