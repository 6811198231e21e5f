#include "messages/broker/broker_language.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;

namespace {

topic_template template_of(std::string_view text) {
  std::string why;
  const auto made = topic_template::parse(text, telemetry_places, why);
  INFO(why);
  REQUIRE(made);
  return *made;
}

std::string complaint_about(std::string_view text) {
  std::string why;
  CHECK_FALSE(topic_template::parse(text, telemetry_places, why));
  return why;
}

} // namespace

TEST_CASE("the places of a topic are filled in", "[broker]") {
  const auto subject
    = template_of("sites/{edge}/{device}/{module}/telemetry/{output}");
  CHECK(subject.topic(
          {{"edge", "e"}, {"device", "d"}, {"module", "m"}, {"output", "o"}})
        == "sites/e/d/m/telemetry/o");
  SECTION("a place without value leaves its level out") {
    CHECK(subject.topic({{"edge", "e"}, {"device", "d"}, {"module", ""}})
          == "sites/e/d/telemetry");
  }
  SECTION("no value becomes a wildcard or a further level") {
    CHECK(subject.topic({{"edge", "e"}, {"device", "a/b+c#%"}})
          == "sites/e/a%2Fb%2Bc%23%25/telemetry");
  }
}

TEST_CASE("a template without places is one topic for all", "[broker]") {
  CHECK(template_of("a//b").topic({{"device", "d"}}) == "a//b");
}

TEST_CASE("a filter selects every topic of the template", "[broker]") {
  const auto subject = template_of("s/{edge}/{device}/c");
  CHECK(subject.filter({}) == "s/+/+/c");
  CHECK(subject.filter({{"edge", "e 1"}}) == "s/e%201/+/c");
}

TEST_CASE("a topic is taken apart into its places", "[broker]") {
  const auto subject = template_of("s/{edge}/{device}/c");
  topic_places found{{"edge", "e"}};
  CHECK(subject.read("s/e/d%2F1/c", found) == "");
  CHECK(found.at("device") == "d/1");
  SECTION("what follows the template is given back") {
    topic_places more;
    CHECK(subject.read("s/e/d/c/x=1/y", more) == "x=1/y");
    CHECK(subject.read("s/e/d/c/", more) == "");
  }
  SECTION("another topic is not of this template") {
    for (const auto* other :
         {"", "s", "s/e/d", "s/x/d/c", "t/e/d/c", "s/e//c", "s/e/d/cc"}) {
      INFO(other);
      topic_places fixed{{"edge", "e"}};
      CHECK_FALSE(subject.read(other, fixed));
    }
  }
}

TEST_CASE("a template that cannot work says why", "[broker]") {
  CHECK(complaint_about("a/{devcie}")
        == "{devcie} is not a known place; known are {edge}, {device}, "
           "{module}, {output}");
  CHECK(complaint_about("a/dev-{device}")
        == "a place such as {device} must be a whole level, which "
           "`dev-{device}` is not");
  CHECK(complaint_about("{device}/{device}") == "{device} is there twice");
  for (const auto* bad : {"", "a/+", "#", "a/\xff"})
    CHECK(complaint_about(bad)
          == "must be a topic: not empty, valid UTF-8, without + and #");
  CHECK_FALSE(complaint_about(std::string(longest_topic + 1, 'a')).empty());
  template_of(std::string(longest_topic, 'a'));
  for (const auto* bad : {"{}", "{", "a/}", "{{device}}", "{device"})
    CHECK_THAT(complaint_about(bad), Catch::Contains("whole level"));
}

TEST_CASE("a template may hang on values that a message can lack", "[broker]") {
  CHECK(template_of("{device}/{output}").stands_with({"edge", "device"}));
  CHECK(template_of("x/{output}").stands_with({}));
  CHECK_FALSE(template_of("{module}/{output}").stands_with({"device"}));
  CHECK_FALSE(template_of("/{output}").stands_with({"device"}));
}
