#include "support/lane_fixture.hpp"

using namespace tidegate;

namespace {

constexpr std::uint64_t kibibyte = 1024;

struct weight_fixture : lane_fixture {
  lane_id id = lane("iothub");

  /// `count` blocks of ten events of `size` bytes.
  void append_blocks(int count, std::size_t size) {
    for (int i = 0; i < count; ++i)
      append(id, block_of(10, size));
  }
  std::uint64_t weigh(std::uint64_t from, std::uint64_t end) const {
    const auto found = lanes->weigh(id, from, end);
    REQUIRE(found);
    return *found;
  }
  std::uint64_t newest(std::uint64_t bytes) const {
    const auto found = lanes->newest(id, bytes);
    REQUIRE(found);
    return *found;
  }
};

} // namespace

TEST_CASE_METHOD(weight_fixture, "a small lane is weighed by its blocks",
                 "[lane_weight]") {
  append_blocks(10, kibibyte);     // small and many
  append_blocks(2, 10 * kibibyte); // large and few
  const auto large = weigh(110, 120);
  CHECK(large > 100 * kibibyte);
  CHECK(large < 101 * kibibyte);
  CHECK(weigh(0, 120) == weigh(0, 100) + 2 * large);
  CHECK(weigh(120, 120) == 0);
  CHECK(newest(large) == 110);
  CHECK(newest(large - 1) == 120);
  CHECK(newest(weigh(0, 120)) == 0);
  CHECK(newest(2 * large + weigh(90, 100)) == 90);
}

TEST_CASE_METHOD(weight_fixture, "a large lane is weighed by its files",
                 "[lane_weight]") {
  options.quota = std::uint64_t{8} << 30;
  open();
  id = lane("iothub");
  constexpr auto mebibyte = 1024 * kibibyte;
  append_blocks(192, 100 * kibibyte);
  const auto whole = weigh(0, 1920);
  CHECK(whole > 150 * mebibyte);
  CHECK(whole < 250 * mebibyte);
  const auto kept = newest(96 * mebibyte);
  CHECK(kept > 700);
  CHECK(kept < 1300);
}
