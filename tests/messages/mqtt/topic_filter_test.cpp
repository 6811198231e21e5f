#include "messages/mqtt/topic_filter.hpp"
#include "messages/mqtt/utf8.hpp"
#include "packet_generators.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck/catch.h>

using namespace tidegate;
using namespace std::string_literals;

TEST_CASE("wildcards stand alone in their level, # in the last", "[mqtt]") {
  for (const auto* filter :
       {"#", "+", "/", "+/+", "a/#", "+/a/#", "/+", "a//b", "$iothub/#"})
    CHECK(valid_topic_filter(filter));
  for (const auto* filter : {"", "a#", "#a", "#/", "a/#/b", "a+", "+a/b",
                             "a/b+", "++", "##", "a/##"}) {
    CAPTURE(filter);
    CHECK_FALSE(valid_topic_filter(filter));
  }
  CHECK_FALSE(valid_topic_filter("a\0b"s));
  CHECK_FALSE(valid_topic_filter("\xff"));
}

TEST_CASE("what no topic may hold is found wherever it is", "[mqtt]") {
  for (std::size_t size = 1; size < 30; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      std::string topic(size, 'x');
      CHECK(valid_topic_name(topic));
      for (const char c : {'+', '#', '\0', '\xff'}) {
        topic[at] = c;
        CHECK_FALSE(valid_topic_name(topic));
      }
    }
  }
}

TEST_CASE("levels count, empty ones too", "[mqtt]") {
  CHECK(matches("/a", "/a"));
  CHECK_FALSE(matches("/a", "a"));
  CHECK(matches("+/a", "/a"));
  CHECK_FALSE(matches("+", "/a"));
  CHECK(matches("/+", "/"));
  CHECK(matches("a/#", "a/"));
  CHECK_FALSE(matches("a/#", "ab"));
  CHECK_FALSE(matches("a/b", "a"));
  CHECK_FALSE(matches("a", "a/b"));
  CHECK(matches("+/+/#", "a/b"));
  CHECK_FALSE(matches("+/+/#", "a"));
}

TEST_CASE("every topic is selected by itself and by its wildcards", "[mqtt]") {
  rc::prop("self match", [] {
    const auto levels = *rc::gen::nonEmpty(
      rc::gen::container<std::vector<std::string>>(mqtt::plain_text()));
    std::string topic;
    std::string filter;
    for (const auto& level : levels) {
      topic += (topic.empty() ? "" : "/") + level;
      filter += (filter.empty() ? "" : "/")
                + (*rc::gen::arbitrary<bool>() ? level : "+"s);
    }
    RC_ASSERT(valid_topic_name(topic));
    RC_ASSERT(matches(topic, topic));
    RC_ASSERT(matches(filter, topic));
    RC_ASSERT(matches(filter + "/#", topic));
    RC_ASSERT(!matches(filter + "/+", topic));
  });
}

TEST_CASE("text is UTF-8 to the letter", "[mqtt]") {
  for (const auto& text :
       {"plain"s, "\xc2\x80"s, "\xdf\xbf"s, "\xe0\xa0\x80"s, "\xed\x9f\xbf"s,
        "\xee\x80\x80"s, "\xf0\x90\x80\x80"s, "\xf4\x8f\xbf\xbf"s,
        "eight by\xe2\x82\xac and on"s})
    CHECK(valid_mqtt_string(text));
  for (const auto& text :
       {"\x80"s, "\xc0\x80"s, "\xc1\xbf"s, "\xc2"s, "\xe0\x9f\xbf"s,
        "\xed\xa0\x80"s, "\xe2\x82"s, "\xf0\x8f\xbf\xbf"s, "\xf4\x90\x80\x80"s,
        "\xf5\x80\x80\x80"s, "eight by\xff"s, "\xe2\x28\xa1"s}) {
    CHECK_FALSE(valid_mqtt_string("12345678"s + text));
    CHECK_FALSE(valid_utf8(text));
  }
  CHECK(valid_utf8("a\0b"s));
  CHECK_FALSE(valid_mqtt_string("1234567\0"s));
  CHECK_FALSE(valid_mqtt_string("12345678\0"s));
}
