#include "messages/block.hpp"

#include "messages/binary.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>
#include <rapidcheck/catch.h>

#define XXH_INLINE_ALL
#include <stdexcept>
#include <xxhash.h>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

constexpr wall_time noon{1'700'000'000'000ms};
constexpr elapsed_time later{1'700'000'000'000ms};

head_ptr make_head(std::string device) {
  message_head head;
  head.sender = {std::move(device), "pump"};
  head.system = {{"messageId", "m-1"}, {"connectionDeviceId", "edge-1"}};
  head.user = {{"level", "warn"}, {"flag", std::nullopt}, {"empty", ""}};
  return std::make_shared<const message_head>(std::move(head));
}

struct message {
  std::size_t head;
  std::string payload;
  elapsed_time expires;
};

std::string any_text() { return *rc::gen::arbitrary<std::string>(); }

std::vector<property> any_properties() {
  std::vector<property> all(*rc::gen::inRange<std::size_t>(0, 5));
  for (auto& [name, value] : all) {
    name = any_text();
    if (*rc::gen::arbitrary<bool>())
      value = any_text();
  }
  return all;
}

elapsed_time any_expiry() {
  return *rc::gen::element(never_expires, later, later + 1ms,
                           elapsed_time{std::chrono::milliseconds{
                             *rc::gen::positive<std::int64_t>()}});
}

block_ptr decoded(const block_ptr& original) {
  std::string why;
  auto copy = decode_block(std::string{original->encoded()}, why);
  INFO(why);
  REQUIRE(copy);
  return copy;
}

std::string damage(std::string encoded) {
  std::string why;
  CHECK_FALSE(decode_block(std::move(encoded), why));
  return why;
}

} // namespace

TEST_CASE("a block gives back what was put into it", "[block]") {
  block_builder builder{noon};
  const auto head = make_head("edge-1");
  builder.add(head, "21.5", later + 60s);
  builder.add(head, "");
  CHECK(builder.size() == 2);
  const auto copy = decoded(builder.finish());
  REQUIRE(copy->size() == 2);
  CHECK(copy->enqueued() == noon);
  CHECK(*copy->head(0) == *head);
  CHECK(copy->payload(0) == "21.5");
  CHECK(copy->expires(0) == later + 60s);
  CHECK(copy->payload(1).empty());
  CHECK(copy->expires(1) == never_expires);
  CHECK(copy->can_expire());
}

TEST_CASE("a block survives encoding and decoding", "[block]") {
  rc::prop("round trip", [] {
    std::vector<head_ptr> heads(*rc::gen::inRange<std::size_t>(1, 40));
    for (auto& head : heads)
      head = std::make_shared<const message_head>(message_head{
        {any_text(), any_text()}, any_properties(), any_properties()});
    std::vector<message> all(*rc::gen::inRange<std::size_t>(0, 100));
    block_builder builder{noon};
    for (auto& m : all) {
      m = {*rc::gen::inRange<std::size_t>(0, heads.size()), any_text(),
           any_expiry()};
      builder.add(heads[m.head], m.payload, m.expires);
    }
    const auto original = builder.finish();
    std::string why;
    const auto copy = decode_block(std::string{original->encoded()}, why);
    RC_ASSERT(copy != nullptr);
    RC_ASSERT(copy->encoded() == original->encoded());
    for (const auto& b : {original, copy}) {
      RC_ASSERT(b->size() == all.size());
      for (std::uint32_t i = 0; i < b->size(); ++i) {
        RC_ASSERT(*b->head(i) == *heads[all[i].head]);
        RC_ASSERT(b->payload(i) == all[i].payload);
        RC_ASSERT(b->expires(i) == all[i].expires);
      }
    }
  });
}

TEST_CASE("messages of one sender share a head, also after reading",
          "[block]") {
  block_builder builder{noon};
  const auto a = make_head("a");
  const auto b = make_head("b");
  for (int i = 0; i < 100; ++i)
    builder.add(i % 2 == 0 ? a : b, "x");
  const auto copy = decoded(builder.finish());
  CHECK(copy->head(0) == copy->head(98));
  CHECK(copy->head(1) == copy->head(99));
  CHECK(copy->head(0) != copy->head(1));
  CHECK(copy->encoded().size() < 600);
}

TEST_CASE("one head with two expiries stays two", "[block]") {
  block_builder builder{noon};
  const auto head = make_head("a");
  builder.add(head, "1", later);
  builder.add(head, "2", later + 1s);
  const auto copy = decoded(builder.finish());
  CHECK(copy->expires(0) == later);
  CHECK(copy->expires(1) == later + 1s);
}

TEST_CASE("an expiry before all time has passed", "[block]") {
  block_builder builder{noon};
  builder.add(make_head("a"), "x", elapsed_time{-5s});
  CHECK(decoded(builder.finish())->expires(0) == elapsed_time{1ms});
}

TEST_CASE("a block without expiries says so", "[block]") {
  block_builder builder{noon};
  builder.add(make_head("a"), "x");
  CHECK_FALSE(decoded(builder.finish())->can_expire());
}

TEST_CASE("a block says which routes brought its messages", "[block]") {
  block_builder builder{noon};
  const auto head = make_head("a");
  builder.add(head, "1", never_expires, "alarms");
  builder.add(head, "2", never_expires, "bulk");
  builder.add(make_head("b"), "3", never_expires, "bulk");
  builder.add(head, "4", never_expires, "alarms");
  const auto copy = decoded(builder.finish());
  std::vector<std::pair<std::string, std::uint32_t>> runs;
  copy->each_route(0, 4, [&](const std::string& route, std::uint32_t count) {
    runs.emplace_back(route, count);
  });
  CHECK(runs == decltype(runs){{"alarms", 1}, {"bulk", 2}, {"alarms", 1}});
}

TEST_CASE("a block of the first version, without routes, is read", "[block]") {
  block_builder builder{noon};
  builder.add(make_head("a"), "21.5", later);
  auto old = std::string{builder.finish()->encoded()};
  REQUIRE(old.back() == '\0'); // the length of no route
  old.pop_back();
  old[2] = 1;
  const auto sum = XXH3_64bits(old.data() + 12, old.size() - 12);
  put_u64(old.data() + 4, sum);
  std::string why;
  const auto read = decode_block(old, why);
  INFO(why);
  REQUIRE(read);
  CHECK(read->payload(0) == "21.5");
  CHECK(read->expires(0) == later);
}

TEST_CASE("no damage to a block goes unnoticed", "[block]") {
  block_builder builder{noon};
  for (int i = 0; i < 20; ++i)
    builder.add(make_head("a"), std::to_string(i));
  const std::string sound{builder.finish()->encoded()};

  SECTION("any flipped bit") {
    for (std::size_t i = 0; i < sound.size(); ++i) {
      auto bad = sound;
      bad[i] = static_cast<char>(bad[i] ^ (1 << (i % 8)));
      CHECK_FALSE(damage(std::move(bad)).empty());
    }
  }
  SECTION("any truncation") {
    for (std::size_t size = 0; size < sound.size(); ++size)
      CHECK_FALSE(damage(sound.substr(0, size)).empty());
  }
  SECTION("anything appended") {
    CHECK(damage(sound + 'x') == "the checksum of the block is wrong");
  }
  SECTION("another format version") {
    auto bad = sound;
    bad[2] = 3;
    CHECK(damage(std::move(bad)) == "the block has an unknown format version");
  }
}
