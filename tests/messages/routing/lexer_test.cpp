#include "messages/routing/lexer.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

using namespace tidegate::routing;
using kind = token_kind;

namespace {

using token_list = std::vector<std::pair<kind, std::string>>;

token_list tokens_of(std::string_view text) {
  lexer from{text};
  token_list all;
  for (auto next = from.next(); next.kind != kind::end; next = from.next())
    all.emplace_back(next.kind, next.text);
  return all;
}

kind only_kind(std::string_view text) {
  const auto all = tokens_of(text);
  return all.size() == 1 && all[0].second == text ? all[0].first : kind::end;
}

} // namespace

TEST_CASE("words are what the token table says", "[routing]") {
  CHECK(only_kind("sELECT") == kind::select);
  CHECK(only_kind("from") == kind::from);
  CHECK(only_kind("Where") == kind::where);
  CHECK(only_kind("INTO") == kind::into);
  CHECK(only_kind("And") == kind::and_operator);
  CHECK(only_kind("OR") == kind::or_operator);
  CHECK(only_kind("nOt") == kind::not_operator);
  CHECK(only_kind("true") == kind::true_literal);
  CHECK(only_kind("True") == kind::identifier);
  CHECK(only_kind("null") == kind::null_literal);
  CHECK(only_kind("NULL") == kind::identifier);
  CHECK(only_kind("undefined") == kind::undefined_literal);
  CHECK(only_kind("level") == kind::identifier);
  CHECK(only_kind("\xC3\xA9t\xC3\xA9") == kind::identifier);
}

TEST_CASE("numbers are what the token table says", "[routing]") {
  for (const auto* text : {"0", "12", "-7"})
    CHECK(only_kind(text) == kind::integer);
  for (const auto* text : {"0x1F", "0XaB"})
    CHECK(only_kind(text) == kind::hexadecimal);
  for (const auto* text : {".5", "-.5", "1.5", "1.5e3", "1e+3", "-2E-4", "e5"})
    CHECK(only_kind(text) == kind::real);
  for (const auto* text : {"0x", "-0x1F", "5.", "1.2.3", "1e", "12a", "+5"})
    CHECK(only_kind(text) == kind::identifier);
}

TEST_CASE("an operator without blanks is part of a name", "[routing]") {
  CHECK(only_kind("3+4") == kind::identifier);
  CHECK(only_kind("a-b") == kind::identifier);
  CHECK(only_kind("a||b") == kind::identifier);
  CHECK(only_kind("*x") == kind::identifier);
  CHECK(tokens_of("key!='v'")
        == token_list{{kind::identifier, "key!"},
                      {kind::equal, "="},
                      {kind::string, "'v'"}});
  CHECK(tokens_of("key != 'v'")
        == token_list{{kind::identifier, "key"},
                      {kind::not_equal, "!="},
                      {kind::string, "'v'"}});
}

TEST_CASE("operators that no name can hold need no blanks", "[routing]") {
  CHECK(tokens_of("a<=b<>c>=d??e")
        == token_list{{kind::identifier, "a"},
                      {kind::less_equal, "<="},
                      {kind::identifier, "b"},
                      {kind::not_equal, "<>"},
                      {kind::identifier, "c"},
                      {kind::greater_equal, ">="},
                      {kind::identifier, "d"},
                      {kind::coalesce, "??"},
                      {kind::identifier, "e"}});
  CHECK(tokens_of("(-) {*} , % || +")
        == token_list{{kind::open_parenthesis, "("},
                      {kind::minus, "-"},
                      {kind::close_parenthesis, ")"},
                      {kind::open_brace, "{"},
                      {kind::star, "*"},
                      {kind::close_brace, "}"},
                      {kind::comma, ","},
                      {kind::percent, "%"},
                      {kind::concat, "||"},
                      {kind::plus, "+"}});
}

TEST_CASE("system names may hold brackets, other names may not", "[routing]") {
  CHECK(only_kind("$body.hist[1].x") == kind::system_name);
  CHECK(only_kind("$upstream") == kind::system_name);
  CHECK(only_kind("$") == kind::identifier);
  CHECK(only_kind("list[0]") == kind::bad);
}

TEST_CASE("a minus before a system name negates it", "[routing]") {
  CHECK(tokens_of("-$body.temp")
        == token_list{{kind::minus, "-"}, {kind::system_name, "$body.temp"}});
  CHECK(only_kind("a-$b") == kind::identifier);
}

TEST_CASE("strings end at their own quote", "[routing]") {
  CHECK(only_kind(R"("it's")") == kind::string);
  CHECK(only_kind(R"('say "hi"')") == kind::string);
  CHECK(only_kind(R"('a\'b\\\u0041')") == kind::string);
  CHECK(only_kind("'two\nlines'") == kind::string);
  CHECK(only_kind("'open") == kind::bad);
  CHECK(only_kind("\"open'") == kind::bad);
  CHECK(tokens_of(R"('a\q')").front().first == kind::bad);
  CHECK(tokens_of(R"('a\u00g0')").front().first == kind::bad);
}

TEST_CASE("text right behind a single-quoted string makes it a name",
          "[routing]") {
  lexer from{"'it''s' = 'x'"};
  CHECK(from.next().text == "'it''s'");
  REQUIRE(from.warnings().size() == 1);
  CHECK(from.warnings()[0].column == 1);
}

TEST_CASE("comments are skipped, if they are closed", "[routing]") {
  CHECK(tokens_of("a /* = 'b' */ c")
        == token_list{{kind::identifier, "a"}, {kind::identifier, "c"}});
  CHECK(tokens_of("/* x")
        == token_list{
          {kind::slash, "/"}, {kind::star, "*"}, {kind::identifier, "x"}});
}

TEST_CASE("a source that opens a comment is warned about", "[routing]") {
  lexer from{"FROM /* WHERE a = 'b' /* c */ INTO $upstream"};
  CHECK(from.next().kind == kind::from);
  CHECK(from.next().kind == kind::into);
  REQUIRE(from.warnings().size() == 1);
  CHECK(from.warnings()[0].column == 6);
}

TEST_CASE("the end stays the end", "[routing]") {
  lexer from{" "};
  CHECK(from.next().kind == kind::end);
  CHECK(from.next().kind == kind::end);
}
