#include "messages/iothub/sas_token.hpp"

#include "messages/iothub/base64.hpp"
#include "messages/iothub/sas_signature.hpp"
#include "support/vectors.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;

namespace {

const boost::json::object& vectors() {
  static const auto all = read_vectors("sas.json");
  return all.as_object();
}

std::vector<std::string> keys() {
  const auto& both = vectors().at("keys").as_object();
  return {text_or_empty(both, "primaryBase64"),
          text_or_empty(both, "secondaryBase64")};
}

sas_time at(std::int64_t seconds) {
  return sas_time{std::chrono::seconds{seconds}};
}

bool accepted(const boost::json::object& vector) {
  std::string_view why;
  const auto token = parse_sas_token(text_or_empty(vector, "token"), why);
  if (!token)
    return false;
  const std::vector<std::string> hosts{
    text_or_empty(vectors(), "iotHubHostName"),
    text_or_empty(vector, "gatewayHost")};
  const auto id = parse_identity_id(text_or_empty(vector, "identity"));
  return verify(*token, id, hosts, keys(), at(vector.at("now").as_int64()))
         == sas_verdict::valid;
}

} // namespace

TEST_CASE("tokens are judged as the vectors say", "[sas][vectors]") {
  for (const auto& entry : vectors().at("cases").as_array()) {
    CAPTURE(text_or_empty(entry.as_object(), "id"));
    const auto& vector = entry.as_object();
    const auto* own = vector.if_contains("expectedTidegate");
    CHECK(accepted(vector) == (own ? *own : vector.at("expected")).as_bool());
  }
}

TEST_CASE("minted tokens are the worked examples, byte for byte",
          "[sas][vectors]") {
  for (const auto& entry : vectors().at("worked").as_array()) {
    const auto& vector = entry.as_object();
    const auto resource = text_or_empty(vector, "sr");
    const auto audience = parse_sas_audience(resource);
    REQUIRE(audience);
    CHECK(sas_resource(audience->host, audience->id) == resource);
    CHECK(string_to_sign(resource, text_or_empty(vector, "se"))
          == text_or_empty(vector, "stringToSign"));
    CHECK(
      mint_sas_token(audience->host, audience->id, keys().front(),
                     std::chrono::sys_seconds{std::chrono::seconds{4102444800}})
      == text_or_empty(vector, "token"));
  }
}

TEST_CASE("a minted token verifies whatever the ids hold", "[sas]") {
  const auto id
    = GENERATE(identity_id{"dev#1 x", ""}, identity_id{"a%2Fb+c", "m&=?"});
  const auto text
    = mint_sas_token("hub.local", id, keys().front(),
                     std::chrono::sys_seconds{std::chrono::seconds{2000}});
  REQUIRE(text);
  std::string_view why;
  const auto token = parse_sas_token(*text, why);
  REQUIRE(token);
  const std::vector<std::string> hosts{"HUB.local"};
  CHECK(verify(*token, id, hosts, keys(), at(2300)) == sas_verdict::valid);
  SECTION("until its expiry and the skew have passed") {
    CHECK(verify(*token, id, hosts, keys(), at(2301)) == sas_verdict::expired);
  }
  SECTION("but for nobody else") {
    CHECK(verify(*token, {"other", id.module}, hosts, keys(), at(0))
          == sas_verdict::wrong_audience);
  }
  SECTION("and with no other key") {
    const std::vector<std::string> other{"", base64_encode("another key")};
    CHECK(verify(*token, id, hosts, other, at(0))
          == sas_verdict::wrong_signature);
  }
}

TEST_CASE("a token without a usable expiry is refused", "[sas]") {
  const auto expiry = GENERATE("", "soon", "inf", "nan", "1e9", "-1",
                               "253402300800", "1 ", "0x10");
  CAPTURE(expiry);
  std::string_view why;
  CHECK_FALSE(
    parse_sas_token("SharedAccessSignature sr=h%2Fdevices%2Fd&sig=AAAA&se="
                      + std::string{expiry},
                    why));
  CHECK_FALSE(why.empty());
}

TEST_CASE("an expiry may have a fraction", "[sas]") {
  std::string_view why;
  const auto token = parse_sas_token(
    "SharedAccessSignature sr=h%2Fdevices%2Fd&sig=AAAA&se=12.5", why);
  REQUIRE(token);
  CHECK(token->expires == sas_time{std::chrono::milliseconds{12500}});
  CHECK(token->expiry == "12.5");
}

TEST_CASE("an audience is a device or a module and nothing else", "[sas]") {
  CHECK(parse_sas_audience("h%2Fdevices%2Fd")->id == identity_id{"d", ""});
  CHECK(parse_sas_audience("h%2fDevices%2fd%2fModules%2fm")->id
        == identity_id{"d", "m"});
  const auto resource
    = GENERATE("", "h", "h%2Fdevices", "h%2Fdevices%2F", "h%2Fusers%2Fd",
               "h%2Fdevices%2Fd%2Fmodules", "h%2Fdevices%2Fd%2Fmodules%2F",
               "h%2Fdevices%2Fd%2Fmodules%2Fm%2Fx");
  CAPTURE(resource);
  CHECK_FALSE(parse_sas_audience(resource));
}

TEST_CASE("a key that is not base64 neither signs nor verifies", "[sas]") {
  CHECK_FALSE(mint_sas_token("h", {"d", ""}, "no key!", {}));
  CHECK_FALSE(mint_sas_token("h", {"d", ""}, "", {}));
  CHECK_FALSE(signed_with({"sr", "1", {}, std::string(32, 'x')}, "no key!"));
}

TEST_CASE("a token names an identity letter for letter", "[sas]") {
  const std::vector<std::string> hosts{"hub.local"};
  const auto for_id = [&](std::string_view resource, const identity_id& id) {
    const auto audience = parse_sas_audience(resource);
    REQUIRE(audience);
    return covers(*audience, id, hosts);
  };
  CHECK(for_id("HUB.local%2FDevices%2Fpump", {"pump", ""}));
  CHECK_FALSE(for_id("hub.local%2Fdevices%2FPump", {"pump", ""}));
  CHECK_FALSE(
    for_id("hub.local%2Fdevices%2Fpump%2Fmodules%2FM", {"pump", "m"}));
  CHECK(for_id("hub.local%2Fdevices%2Fpump", {"pump", "m"}));
  CHECK_FALSE(for_id("hub.local%2Fdevices%2FPump", {"pump", "m"}));
  SECTION("however a client escapes it") {
    for (const char* resource :
         {"hub.local/devices/a%23b", "hub.local%2Fdevices%2Fa%23b",
          "hub.local%2Fdevices%2Fa%2523b"}) {
      INFO(resource);
      CHECK(for_id(resource, {"a#b", ""}));
    }
    for (const char* resource :
         {"hub.local/devices/a+b", "hub.local%2Fdevices%2Fa%2Bb",
          "hub.local%2Fdevices%2Fa%252Bb"}) {
      INFO(resource);
      CHECK(for_id(resource, {"a+b", ""}));
    }
    CHECK(for_id("hub.local%2Fdevices%2Fa%2523b", {"a%23b", ""}));
    CHECK(for_id("hub.local%2Fdevices%2Fa%2520b", {"a b", ""}));
    CHECK(for_id("hub.local%2Fdevices%2Fa+b", {"a b", ""}));
    CHECK_FALSE(for_id("hub.local%2Fdevices%2Fa%2523B", {"a#b", ""}));
  }
}
