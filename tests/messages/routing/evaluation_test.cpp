#include "fixture.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using namespace tidegate::routing;

namespace {

/// The result for the message of the vectors that is called `telemetry`.
std::string value(const std::string& text) {
  static const auto message = vector_fixture("telemetry");
  return result_of(text, message);
}

} // namespace

TEST_CASE("the null literal follows its own rules", "[routing]") {
  CHECK(value("null = null") == "true");
  CHECK(value("null != null") == "false");
  CHECK(value("null <= null") == "true");
  CHECK(value("null < null") == "false");
  CHECK(value("NOT (null AND true)") == "true");
  CHECK(value("NOT (true AND null)") == "true");
  CHECK(value("true OR null") == "true");
  CHECK(value("false OR null") == "false");
  CHECK(value("NOT (null OR null)") == "true");
  CHECK(value("is_null(null)") == "true");
  CHECK(value("null OR $body.ok") == "true");
}

TEST_CASE("undefined spreads as far as it must", "[routing]") {
  CHECK(value("undefined AND true") == "undefined");
  CHECK(value("undefined OR false") == "undefined");
  CHECK(value("NOT (undefined OR false)") == "undefined");
  CHECK(value("undefined < undefined") == "undefined");
  CHECK(value("missing < 'a' OR level = 'warn'") == "true");
  CHECK(value("as_number(missing) = 1") == "undefined");
  CHECK(value("is_defined(missing = 'a')") == "false");
  CHECK(value("((missing = 'a') ?? true)") == "true");
  CHECK(value("(as_number(missing) ?? 7) = 7") == "true");
  CHECK(value("(undefined ?? undefined) OR true") == "true");
}

TEST_CASE("a property without value is defined, null and never equal",
          "[routing]") {
  CHECK(value("empty != 'a'") == "undefined");
  CHECK(value("empty = empty") == "undefined");
  CHECK(value("length(empty) = 0") == "undefined");
  CHECK(value("is_defined(empty ?? 'a')") == "true");
  CHECK(value("(empty ?? 'a') = 'a'") == "undefined");
  CHECK(value("empty || empty = ''") == "true");
  CHECK(value("concat(empty, 'a') = 'a'") == "true");
  CHECK(value("$body.name = empty") == "undefined");
}

TEST_CASE("not a number is undefined, infinity is a number", "[routing]") {
  CHECK(value("0 / 0 = 0 / 0") == "undefined");
  CHECK(value("1 / 0 = 1 / 0") == "true");
  CHECK(value("-1 / 0 = 1 / 0") == "false");
  CHECK(value("1 / 0 > 1e300") == "true");
  CHECK(value("1e999 = 1 / 0") == "true");
  CHECK(value("1e-999 = 0") == "true");
  CHECK(value("is_number(1 / 0)") == "false");
  CHECK(value("is_defined(1 / 0)") == "true");
  CHECK(value("-7 % 3 = -1") == "true");
}

TEST_CASE("operators bind as the table says", "[routing]") {
  CHECK(value("1 + 2 * 3 = 7") == "true");
  CHECK(value("8 / 2 / 2 = 2") == "true");
  CHECK(value("8 - 2 - 2 = 4") == "true");
  CHECK(value("1 < 2 = true") == "true");
  CHECK(value("true = 1 < 2") == "true");
  CHECK(value("false AND false OR true") == "true");
  CHECK(value("true OR false AND false") == "true");
  CHECK(value("NOT false AND false") == "false");
  CHECK(value("- 2 * 3 = -6") == "true");
  CHECK(value("undefined AND true ?? true") == "true");
}

TEST_CASE("text compares by UTF-16 code unit", "[routing]") {
  CHECK(value("'a' < 'b'") == "true");
  CHECK(value("'a' < 'B'") == "false");
  CHECK(value("'ab' > 'a'") == "true");
  // U+1F600 is D83D DE00, below U+FF5E.
  CHECK(value(R"('\uD83D\uDE00' < '\uFF5E')") == "true");
  CHECK(value(R"('\uD83D\uDE00' > '\u20AC')") == "true");
}

TEST_CASE("a literal user property hides a system property", "[routing]") {
  CHECK(value("$role = 'app'") == "true");
  CHECK(value("{$role} = 'sys'") == "true");
  CHECK(value("$ROLE = 'app'") == "true");
  CHECK(value("role = 'sys'") == "undefined");
  CHECK(value("{ $messageId } = 'm-1'") == "true");
}

TEST_CASE("the origin says which device sent a message", "[routing]") {
  auto message = vector_fixture("telemetry");
  CHECK(result_of("$edgeHubOriginInterface = 'internal'", message) == "true");
  set_property(message.head.system, "connectionDeviceId", "leaf-9");
  CHECK(result_of("{$edgehuborigininterface} = 'downstream'", message)
        == "true");
  message.head.system.clear();
  message.head.sender.device = "edge-1";
  CHECK(result_of("$edgeHubOriginInterface = 'internal'", message) == "true");
}

TEST_CASE("every message has an id of its own", "[routing]") {
  CHECK(value("length($edgeMessageId) = 36") == "true");
  CHECK(value("$edgeMessageId = {$edgeMessageId}") == "true");
  const auto keep = compile_condition("{$edgeMessageId} > '8'");
  REQUIRE(keep);
  scratch memory{7};
  int kept = 0;
  for (int i = 0; i < 1000; ++i)
    if (evaluate(*keep, {}, {}, "edge-1", memory) == truth::yes)
      ++kept;
  CHECK(kept > 400);
  CHECK(kept < 600);
}

TEST_CASE("matches agrees with evaluate", "[routing]") {
  const auto message = vector_fixture("telemetry");
  scratch memory{1};
  for (const auto* text :
       {"level = 'warn' AND (missing = 'a' OR Site = 'Dock-3')",
        "missing = 'a' AND $body.ok", "missing = 'a' OR level = 'x'",
        "level = 'warn'", "NOT (missing = 'a')", "true", "undefined"}) {
    INFO(text);
    const auto compiled = compile_condition(text);
    REQUIRE(compiled);
    message_view view{message.head, message.payload, "edge-1", memory};
    CHECK(matches(*compiled, view)
          == (evaluate(*compiled, view) == truth::yes));
  }
}

TEST_CASE("functions that would make too much text yield undefined",
          "[routing]") {
  auto message = vector_fixture("telemetry");
  set_property(message.head.user, "big", std::string(200'000, 'a'));
  std::string sum = "big";
  for (int i = 0; i < 30; ++i)
    sum += " || big";
  CHECK(result_of("length(" + sum + ") > 0", message) == "undefined");
  CHECK(result_of("length(big || big) = 400000", message) == "true");
}
