#include "messages/amqp/batch.hpp"

#include "messages/amqp/head_mapping.hpp"
#include "messages/amqp/writer.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using namespace tidegate::amqp;

namespace {

std::string message(std::string_view payload, bool with_property = true) {
  message_head head;
  if (with_property)
    head.user = {{"n", "1"}};
  std::string encoded;
  write_upstream_head(encoded, head);
  write_data_header(encoded, payload.size());
  return encoded.append(payload);
}

std::string sections(std::initializer_list<std::string> contents) {
  std::string encoded;
  for (const auto& content : contents) {
    write_data_header(encoded, content.size());
    encoded.append(content);
  }
  return encoded;
}

batch split(const std::string& encoded) {
  batch out;
  std::string why;
  INFO(why);
  REQUIRE(split_batch(encoded, out, why));
  return out;
}

} // namespace

TEST_CASE("sections that are messages make a batch", "[amqp]") {
  const auto encoded = sections({message("a"), message("b"), message("c")});
  const auto found = split(encoded);
  CHECK(found.is_batch);
  REQUIRE(found.messages.size() == 3);
  CHECK(found.messages[0].first_data == "a");
  CHECK(found.messages[2].first_data == "c");
  SECTION("even one alone, as the client libraries send it") {
    const auto single = sections({message("a")});
    CHECK(split(single).is_batch);
  }
}

TEST_CASE("a plain message is not taken for a batch", "[amqp]") {
  SECTION("with one section") {
    const auto encoded = message("payload");
    const auto found = split(encoded);
    CHECK_FALSE(found.is_batch);
    REQUIRE(found.messages.size() == 1);
    CHECK(found.messages[0].first_data == "payload");
  }
  SECTION("with several sections") {
    const auto encoded = sections({"one", "two"});
    CHECK_FALSE(split(encoded).is_batch);
  }
  SECTION("when one section is no message") {
    const auto encoded = sections({message("a"), "b"});
    CHECK_FALSE(split(encoded).is_batch);
  }
  SECTION("when one section is a message without a body") {
    const auto encoded
      = sections({message("a"), std::string("\0Sr\xc1\1\0", 6)});
    CHECK_FALSE(split(encoded).is_batch);
  }
  SECTION("when it has properties of its own around an encoded message") {
    const auto encoded = message(message("a"));
    const auto found = split(encoded);
    CHECK_FALSE(found.is_batch);
    CHECK(found.messages[0].first_data == message("a"));
  }
}

TEST_CASE("damage around the sections is reported", "[amqp]") {
  batch out;
  std::string why;
  auto encoded = sections({message("a")});
  encoded.pop_back();
  CHECK_FALSE(split_batch(encoded, out, why));
  CHECK(why == "not an AMQP section at byte 0");
}
