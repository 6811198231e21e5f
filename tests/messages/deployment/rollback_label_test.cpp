#include "messages/deployment/rollback_label.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

using namespace tidegate::deployment;
using namespace std::chrono_literals;

namespace {

struct reading {
  std::optional<std::chrono::seconds> grace;
  field_errors errors;
};

reading read(const char* text) {
  reading result;
  const auto document = boost::json::parse(text).as_object();
  result.grace
    = read_rollback(field_reader{document, "createOptions", result.errors});
  return result;
}

} // namespace

TEST_CASE("a label says how long a changed module has", "[deployment]") {
  CHECK(read(R"({"Labels": {"tidegate.rollback": "45"}})").grace == 45s);
  CHECK(read(R"({"Labels": {"tidegate.rollback": "off"}})").grace == 0s);
  CHECK_FALSE(read(R"({"Labels": {"a": "b"}})").grace);
  CHECK_FALSE(read(R"({"Labels": null})").grace);
  CHECK_FALSE(read("{}").grace);
}

TEST_CASE("a label that says neither is an error", "[deployment]") {
  for (const auto* text : {R"({"Labels": {"tidegate.rollback": "on"}})",
                           R"({"Labels": {"tidegate.rollback": "0"}})",
                           R"({"Labels": {"tidegate.rollback": "-1"}})",
                           R"({"Labels": {"tidegate.rollback": "86401"}})",
                           R"({"Labels": {"tidegate.rollback": 5}})"}) {
    const auto result = read(text);
    INFO(text);
    REQUIRE(result.errors.size() == 1);
    CHECK(to_string(result.errors[0])
            .starts_with("createOptions.Labels.tidegate.rollback"));
  }
}
