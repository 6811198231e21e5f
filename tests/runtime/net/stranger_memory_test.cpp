#include "runtime/net/stranger_memory.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;

namespace {

std::shared_ptr<stranger_memory> memory_of(std::size_t all, std::size_t one) {
  return std::make_shared<stranger_memory>(nullptr,
                                           stranger_memory::bounds{all, one});
}

} // namespace

TEST_CASE("strangers have so much memory together, and so much of one address",
          "[stranger_memory]") {
  const auto memory = memory_of(100, 60);
  const auto first = memory->open("a");
  const auto second = memory->open("a");
  auto third = memory->open("b");
  CHECK(first->charge(40));
  CHECK_FALSE(second->charge(21));
  CHECK(second->charge(20));
  CHECK_FALSE(third->charge(41));
  CHECK(third->charge(40));
  CHECK(memory->charged() == 100);
  SECTION("who ends gives it back") {
    third = nullptr;
    CHECK(memory->charged() == 60);
    CHECK(memory->open("b")->charge(40));
  }
  SECTION("and so does who is no stranger any more, for whom nothing counts") {
    first->settle();
    CHECK(memory->charged() == 60);
    CHECK(first->charge(1'000'000));
    CHECK(memory->charged() == 60);
  }
  SECTION("a part can be given back") {
    first->pay_back(30);
    CHECK(memory->charged() == 70);
    first->pay_back(30);
    CHECK(memory->charged() == 60);
  }
  SECTION("a size that would wrap around is refused") {
    CHECK_FALSE(first->charge(static_cast<std::size_t>(-1)));
  }
}

TEST_CASE("memory without an address does not count", "[stranger_memory]") {
  CHECK(memory_of(1, 1)->open("") == nullptr);
}
