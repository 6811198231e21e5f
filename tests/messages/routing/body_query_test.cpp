#include "messages/routing/utf8.hpp"

#include "fixture.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using namespace tidegate::routing;

namespace {

fixture with_body(std::string payload, std::string encoding = "utf-8") {
  fixture message;
  message.head.system = {{"contentType", "application/json"},
                         {"contentEncoding", std::move(encoding)}};
  message.payload = std::move(payload);
  return message;
}

/// `text` with each unit in `size` bytes.
std::string encode(std::u32string_view text, std::size_t size,
                   bool big_endian) {
  std::string bytes;
  const auto put = [&](char32_t unit) {
    for (std::size_t i = 0; i < size; ++i) {
      const auto shift = 8 * (big_endian ? size - 1 - i : i);
      bytes.push_back(static_cast<char>(unit >> shift));
    }
  };
  for (const auto c : text) {
    if (size == 2 && c > 0xFFFF) {
      put(0xD800 + ((c - 0x10000) >> 10));
      put(0xDC00 + ((c - 0x10000) & 0x3FF));
    } else {
      put(c);
    }
  }
  return bytes;
}

} // namespace

TEST_CASE("a body is only read when the message says it is JSON", "[routing]") {
  const auto with
    = [](std::optional<std::string> type, std::optional<std::string> encoding) {
        fixture message;
        message.payload = R"({"a":1})";
        message.head.system = {{"contentType", std::move(type)},
                               {"contentEncoding", std::move(encoding)}};
        return result_of("$body.a = 1", message);
      };
  CHECK(with("application/json", "utf-8") == "true");
  CHECK(with("Application/JSON", "UTF-8") == "true");
  CHECK(with("application/json; charset=utf-8", "utf-8") == "undefined");
  CHECK(with("application/json", "utf-7") == "undefined");
  CHECK(with("application/json", std::nullopt) == "undefined");
  CHECK(with(std::nullopt, "utf-8") == "undefined");
}

TEST_CASE("a body that is no JSON object is undefined", "[routing]") {
  for (const auto* body : {"", "[1]", "3", "null", "{", R"({"a":1)",
                           R"({"a":1}})", R"({"a":1,})", R"({'a':1})"}) {
    INFO(body);
    CHECK(result_of("is_defined($body.a)", with_body(body)) == "false");
  }
}

TEST_CASE("bodies in UTF-16 and UTF-32 are decoded", "[routing]") {
  const std::u32string json = U"{\"a\":\"\u00E9\U0001F600\"}";
  const std::string condition = R"($body.a = '\u00E9\uD83D\uDE00')";
  for (const std::size_t size : {2U, 4U}) {
    const std::string name = size == 2 ? "utf-16" : "UTF-32";
    const auto marked = U'\uFEFF' + json;
    CHECK(result_of(condition, with_body(encode(json, size, false), name))
          == "true");
    CHECK(result_of(condition, with_body(encode(marked, size, false), name))
          == "true");
    CHECK(result_of(condition, with_body(encode(marked, size, true), name))
          == "true");
    auto cut = encode(json, size, false);
    cut.pop_back();
    CHECK(result_of(condition, with_body(cut, name)) == "undefined");
  }
  CHECK(result_of("$body.a = 1", with_body("\xEF\xBB\xBF{\"a\":1}")) == "true");
}

TEST_CASE("names are compared as written, escapes decoded", "[routing]") {
  CHECK(result_of("$body.abc = 1", with_body(R"({"a\u0062c":1})")) == "true");
  CHECK(result_of("$body.Abc = 1", with_body(R"({"abc":1})")) == "false");
  CHECK(result_of("$body.a-b = 1", with_body(R"({"a-b":1})")) == "true");
}

TEST_CASE("of a repeated name the last one counts", "[routing]") {
  CHECK(result_of("$body.a = 2", with_body(R"({"a":{"b":1},"a":2})"))
        == "true");
}

TEST_CASE("strings are decoded", "[routing]") {
  const auto message
    = with_body(R"({"a":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\ud83d"})");
  CHECK(result_of("length($body.a) = 12", message) == "true");
  CHECK(result_of(R"(contains($body.a, '\u00E9\uD83D\uDE00\uFFFD'))", message)
        == "true");
}

TEST_CASE("numbers are read exactly", "[routing]") {
  CHECK(result_of("$body.a = 0.30000000000000004",
                  with_body(R"({"a":0.30000000000000004})"))
        == "true");
  CHECK(result_of("$body.a = 18446744073709551616",
                  with_body(R"({"a":18446744073709551616})"))
        == "true");
  CHECK(result_of("$body.a = 1 / 0", with_body(R"({"a":1e999})")) == "true");
  CHECK(result_of("$body.a = 0", with_body(R"({"a":-0})")) == "true");
}

TEST_CASE("date-time strings are undefined, other strings are not",
          "[routing]") {
  const auto defined = [](const std::string& text) {
    return result_of("is_defined($body.a)",
                     with_body(R"({"a":")" + text + R"("})"));
  };
  for (const auto* text :
       {"2026-01-02T03:04:05", "2026-01-02T03:04:05Z",
        "2026-01-02T03:04:05.1234567Z", "2026-01-02T03:04:05+01",
        "2026-01-02T03:04:05+0130", "2026-01-02T03:04:05.5-01:30",
        "2024-02-29T00:00:00Z", "2026-01-02T24:00:00Z",
        "2026-01-02\\u005403:04:05Z"}) {
    INFO(text);
    CHECK(defined(text) == "false");
  }
  for (const auto* text :
       {"2026-01-02", "03:04:05", "2026-01-02 03:04:05", "2026-13-02T03:04:05",
        "2026-02-29T03:04:05", "2026-01-02T25:04:05", "2026-01-02T03:60:05",
        "2026-01-02T03:04:05X", "2026-01-02T03:04:05.Z",
        "2026-01-02T03:04:05+1",
        "2026-01-02T03:04:05.11111111111111111111111111Z",
        "0000-01-02T03:04:05", "x026-01-02T03:04:05"}) {
    INFO(text);
    CHECK(defined(text) == "true");
  }
}

TEST_CASE("values of different kinds have an order", "[routing]") {
  const auto message = with_body(
    R"({"bool":true,"number":1,"string":"a","null":null,"object":{}})");
  const std::vector<std::string> kinds{"bool", "number", "string", "null"};
  for (std::size_t i = 0; i < kinds.size(); ++i)
    for (std::size_t j = 0; j < kinds.size(); ++j) {
      const auto pair = [&](const std::string& op) {
        return result_of("$body." + kinds[i] + op + "$body." + kinds[j],
                         message);
      };
      INFO(kinds[i] << " and " << kinds[j]);
      CHECK(pair(" < ") == (i < j ? "true" : "false"));
      CHECK(pair(" = ") == (i == j ? "true" : "false"));
      CHECK(pair(" != ") == (i == j ? "false" : "true"));
      CHECK(pair(" >= ") == (i >= j ? "true" : "false"));
    }
  CHECK(result_of("$body.object < $body.null", message) == "undefined");
}

TEST_CASE("logic on body values knows bools only", "[routing]") {
  const auto message = with_body(R"({"t":true,"f":false,"n":1})");
  CHECK(result_of("$body.t AND $body.f", message) == "false");
  CHECK(result_of("$body.t OR $body.f", message) == "true");
  CHECK(result_of("$body.f AND $body.n", message) == "undefined");
  CHECK(result_of("$body.t OR $body.gone", message) == "undefined");
  CHECK(result_of("$body.n AND 'a'", message) == "undefined");
  CHECK(result_of("NOT $body.f", message) == "true");
  CHECK(result_of("NOT $body.gone", message) == "undefined");
  CHECK(result_of("$body.t AND $body.t AND true", message) == "true");
  CHECK(result_of("true AND true AND $body.t", message) == "true");
}

TEST_CASE("arithmetic on body values", "[routing]") {
  const auto message = with_body(R"({"n":7,"s":"7","t":true})");
  CHECK(result_of("$body.n % 4 = 3", message) == "true");
  CHECK(result_of("- $body.n = -7", message) == "true");
  CHECK(result_of("-$body.n + 1 = -6", message) == "true");
  CHECK(result_of("$body.s + 1 = 8", message) == "undefined");
  CHECK(result_of("as_number($body.s) + 1 = 8", message) == "true");
  CHECK(result_of("$body.n / 0 > 1", message) == "true");
  CHECK(result_of("is_defined($body.n % 0)", message) == "false");
  CHECK(result_of("$body.s || '0' = '70'", message) == "true");
  CHECK(result_of("is_defined($body.n || '0')", message) == "false");
  CHECK(result_of("($body.n ?? 1) = 7", message) == "true");
  CHECK(result_of("($body.t % 2 ?? 1) = 1", message) == "true");
}

TEST_CASE("bodies may be nested only so deep", "[routing]") {
  const auto nested = [](std::size_t depth) {
    std::string body = R"({"a":)";
    for (std::size_t i = 1; i < depth; ++i)
      body += '[';
    body += '1';
    for (std::size_t i = 1; i < depth; ++i)
      body += ']';
    return with_body(body + ",\"b\":1}");
  };
  CHECK(result_of("$body.b = 1", nested(64)) == "true");
  CHECK(result_of("$body.b = 1", nested(65)) == "undefined");
  CHECK(result_of("$body.b = 1", with_body(std::string(200'000, '[')))
        == "undefined");
}
