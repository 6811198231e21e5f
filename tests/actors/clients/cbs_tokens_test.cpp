#include "actors/clients/cbs_tokens.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;

namespace {

struct tokens_fixture {
  cbs_tokens tokens;
  std::string_view why;
  identity_id whose;

  cbs_tokens::verdict put(const std::string& device,
                          const std::string& signature = "AAAA") {
    return tokens.put("SharedAccessSignature sr=h%2Fdevices%2F" + device
                        + "&sig=" + signature + "&se=12",
                      sas_time{}, whose, why);
  }
};

} // namespace

TEST_CASE_METHOD(tokens_fixture,
                 "a connection brings tokens for so many identities",
                 "[amqp_session]") {
  for (std::size_t i = 0; i < cbs_tokens::most_ids; ++i)
    REQUIRE(put("d" + std::to_string(i)) == cbs_tokens::verdict::kept);
  CHECK(put("one-more") == cbs_tokens::verdict::too_many);
  CHECK(tokens.find({"one-more", {}}, {}).empty());
  CHECK(put("d0") == cbs_tokens::verdict::kept);
}

TEST_CASE_METHOD(tokens_fixture, "a very long token is not kept",
                 "[amqp_session]") {
  CHECK(put("d", std::string(cbs_tokens::longest_token, 'A'))
        == cbs_tokens::verdict::malformed);
  CHECK(why == "the token is too long");
}

TEST_CASE_METHOD(tokens_fixture, "the token of who acts for others goes first",
                 "[amqp_session]") {
  const identity_id leaf{"leaf", {}};
  REQUIRE(put("leaf") == cbs_tokens::verdict::kept);
  CHECK(whose == leaf);
  const std::string own{tokens.find(leaf, {})};
  CHECK(tokens.find(leaf, "leaf;edge") == own); // nobody acts for it yet
  REQUIRE(put("edge%2Fmodules%2F%24edgeHub") == cbs_tokens::verdict::kept);
  CHECK(tokens.find(leaf, "leaf;edge")
        == tokens.find({"edge", "$edgeHub"}, {}));
  CHECK(tokens.find(leaf, "leaf") == own);
}
