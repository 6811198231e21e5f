#include "messages/deployment/module_log.hpp"
#include "support/vectors.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using namespace tidegate;
using namespace tidegate::deployment;
namespace json = boost::json;

namespace {

const json::array& cases() {
  static const auto vectors = read_vectors("agent-methods-logs.json");
  return vectors.at("cases").as_array();
}

std::vector<std::string> texts(const std::vector<module_line>& of) {
  std::vector<std::string> all;
  for (const auto& line : of)
    all.push_back(line.text);
  return all;
}

} // namespace

TEST_CASE("lines of logs are read as the vectors say", "[deployment]") {
  for (const auto& item : cases()) {
    const auto& entry = item.as_object();
    if (entry.at("op") != "parseLine")
      continue;
    INFO(text_or_empty(entry, "id"));
    const auto& expected = entry.at("expect").as_object();
    const auto line = parse_log_line(text_or_empty(entry, "line"));
    CHECK(line.level == expected.at("loglevel").to_number<int>());
    CHECK(line.timestamp == text_or_empty(expected, "timestamp"));
    CHECK(line.text == text_or_empty(expected, "text"));
  }
}

TEST_CASE("modules are selected as the vectors say", "[deployment]") {
  for (const auto& item : cases()) {
    const auto& entry = item.as_object();
    if (entry.at("op") != "selectModules")
      continue;
    INFO(text_or_empty(entry, "id"));
    std::vector<log_item> items;
    for (const auto& one : entry.at("items").as_array()) {
      log_item made{text_or_empty(one.as_object(), "id"), {}};
      if (const auto* filter = one.as_object().if_contains("filter"))
        made.filter.tail = filter->at("tail").to_number<std::size_t>();
      items.push_back(made);
    }
    json::object selected;
    for (const auto& name : entry.at("modules").as_array()) {
      const std::string module{name.as_string()};
      if (const auto filter = filter_for(module, items)) {
        selected[module] = json::object{};
        if (filter->tail)
          selected[module].as_object()["tail"] = *filter->tail;
      }
    }
    CHECK(selected == entry.at("expect").as_object());
  }
}

TEST_CASE("a filter selects lines", "[deployment]") {
  const std::vector<module_line> lines{{1, false, "<3> bad thing"},
                                       {2, true, "<6> fine thing"},
                                       {3, false, "<4> odd"},
                                       {4, false, "a stack trace"}};
  const auto select = [&](log_filter by) {
    return texts(line_filter{std::move(by)}.select(lines));
  };
  using all = std::vector<std::string>;
  SECTION("at or below a level") {
    CHECK(select({.level = 4}) == all{"<3> bad thing", "<4> odd"});
  }
  SECTION("by an expression on what the line says") {
    CHECK(select({.expression = "^(bad|fine)"})
          == all{"<3> bad thing", "<6> fine thing"});
    CHECK(select({.expression = "<"}).empty());
  }
  SECTION("and then the last of them") {
    CHECK(select({.tail = 1, .level = 4}) == all{"<4> odd"});
  }
  SECTION("in time that grows with the line, whatever the expression") {
    const line_filter slow{{.expression = "(a*)*(a*)*(a*)*b"}};
    CHECK(slow.select({{1, false, std::string(100'000, 'a')}}).empty());
  }
}

TEST_CASE("what is no text is made readable", "[deployment]") {
  CHECK(readable_text("gr\xc3\xbc\xc3\x9f") == "gr\xc3\xbc\xc3\x9f");
  CHECK(readable_text("a\xff"
                      "b")
        == "a\xef\xbf\xbd"
           "b");
  boost::system::error_code failed;
  json::parse(log_text({{0, false, "\xff\xfe"}}, log_content::json, {}),
              failed);
  CHECK_FALSE(failed);
}

TEST_CASE("logs are told as text or as JSON", "[deployment]") {
  const std::vector<module_line> lines{{1'767'323'045'678'901, true, "<3> bad"},
                                       {0, false, "plain"}};
  const log_origin from{"hub", "edge-1", "m"};
  CHECK(log_text(lines, log_content::text, from) == "<3> bad\nplain\n");
  CHECK(json::parse(log_text(lines, log_content::json, from))
        == json::parse(R"([
    {"iothub":"hub","device":"edge-1","id":"m","stream":"stderr",
     "loglevel":3,"text":"bad","timestamp":"2026-01-02T03:04:05.678901Z"},
    {"iothub":"hub","device":"edge-1","id":"m","stream":"stdout",
     "loglevel":6,"text":"plain","timestamp":"1970-01-01T00:00:00.000000Z"}])"));
}
