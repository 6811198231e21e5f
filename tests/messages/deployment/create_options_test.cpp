#include "messages/deployment/create_options.hpp"
#include "support/vectors.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

using namespace tidegate;
using namespace tidegate::deployment;

namespace {

std::optional<std::string> joined(const boost::json::object& settings) {
  field_errors errors;
  const auto text
    = join_create_options(field_reader{settings, "settings", errors});
  CHECK(text.has_value() == errors.empty());
  return text;
}

} // namespace

TEST_CASE("create options are split and joined as the vectors say",
          "[deployment]") {
  const auto vectors = read_vectors("agent-createoptions.json");
  for (const auto& item : vectors.at("cases").as_array()) {
    const auto& entry = item.as_object();
    INFO(text_or_empty(entry, "id"));
    if (text_or_empty(entry, "op") == "unchunk") {
      const auto text = joined(entry.at("fields").as_object());
      const auto expected = text_or_empty(entry, "expect");
      CHECK(text.value_or("ERROR") == expected);
    } else if (text_or_empty(entry, "op") == "chunk") {
      boost::json::object settings;
      CHECK(split_create_options(text_or_empty(entry, "text"), settings));
      for (const auto& [name, value] : entry.at("expect").as_object())
        CHECK(settings.at(name) == value);
    }
  }
}

TEST_CASE("what was split is joined again", "[deployment]") {
  CHECK(rc::check([] {
    const auto letters = rc::gen::inRange('a', 'z');
    const auto text
      = *rc::gen::container<std::string>(*rc::gen::inRange(0, 60'000), letters);
    boost::json::object settings;
    const auto fits = split_create_options(text, settings);
    RC_ASSERT(fits == (text.size() <= most_parts * part_size));
    field_errors errors;
    const auto back = join_create_options(field_reader{settings, "", errors});
    RC_ASSERT(back == text.substr(0, most_parts * part_size));
  }));
}

TEST_CASE("more parts than there may be are refused", "[deployment]") {
  boost::json::object settings;
  CHECK_FALSE(split_create_options(std::string(60'000, 'x'), settings));
  settings["createOptions100"] = "x";
  CHECK_FALSE(joined(settings));
}
