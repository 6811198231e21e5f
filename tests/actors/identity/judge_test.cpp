#include "actors/identity/judge.hpp"
#include "messages/iothub/sas_signature.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <sstream>

using namespace tidegate;
using kind = judgement::kind;

namespace {

const std::string key_one = "dGlkZWdhdGUtcHJpbWFyeS1rZXktMDEyMzQ1Njc4OSE=";
const std::string key_two = "dGlkZWdhdGUtc2Vjb25kLWtleS05ODc2NTQzMjEwISE=";
constexpr sas_time now{std::chrono::seconds{1'767'225'600}};
constexpr std::chrono::sys_seconds later{std::chrono::seconds{4'102'444'800}};

struct site {
  std::map<std::string, identity> known;
  std::vector<std::string> hosts{"hub.local"};

  identity& add(const std::string& id) {
    auto& made = known[id];
    made.id = parse_identity_id(id);
    made.primary_key = key_one;
    return made;
  }

  judgement operator()(const std::string& id, const std::string& token,
                       const std::string& chain = {}) const {
    return judge(
      {parse_identity_id(id), token, chain},
      [this](const identity_id& wanted) -> std::optional<identity> {
        const auto found = known.find(to_string(wanted));
        if (found == known.end())
          return std::nullopt;
        return found->second;
      },
      hosts, now);
  }
};

std::string token_of(const std::string& id, const std::string& key = key_one,
                     const std::string& host = "hub.local") {
  return *mint_sas_token(host, parse_identity_id(id), key, later);
}

} // namespace

TEST_CASE("a device speaks for itself with either key", "[identity]") {
  site at;
  at.add("leaf").secondary_key = key_two;
  CHECK(at("leaf", token_of("leaf")).verdict == kind::valid);
  CHECK(at("leaf", token_of("leaf", key_two)).verdict == kind::valid);
}

TEST_CASE("nobody speaks for another", "[identity]") {
  site at;
  at.add("leaf");
  at.add("other").primary_key = key_two;
  CHECK(at("leaf", token_of("other", key_two)).verdict == kind::refused);
  CHECK(at("leaf", token_of("leaf", key_two)).verdict == kind::wrong);
  CHECK(at("leaf", token_of("leaf", key_one, "elsewhere")).verdict
        == kind::refused);
}

TEST_CASE("what is unknown may be asked for, what is broken may not",
          "[identity]") {
  site at;
  CHECK(at("leaf", token_of("leaf")).verdict == kind::unknown);
  CHECK(at("leaf", "SharedAccessSignature nonsense").verdict == kind::refused);
  CHECK(at("leaf", "").verdict == kind::refused);
}

TEST_CASE("a disabled identity is wrong whatever its token", "[identity]") {
  site at;
  at.add("leaf").enabled = false;
  CHECK(at("leaf", token_of("leaf")).verdict == kind::wrong);
}

TEST_CASE("a module may use the key of its own device only", "[identity]") {
  site at;
  at.add("edge").edge = true;
  at.add("edge/filter").primary_key = key_two;
  CHECK(at("edge/filter", token_of("edge/filter", key_two)).verdict
        == kind::valid);
  CHECK(at("edge/filter", token_of("edge", key_one)).verdict == kind::valid);
  at.add("other");
  CHECK(at("edge/filter", token_of("other")).verdict == kind::refused);
  SECTION("and an unregistered one is not there at all") {
    CHECK(at("edge/ghost", token_of("edge")).verdict == kind::unknown);
  }
}

TEST_CASE("an edge device acts for those behind it, and only them",
          "[identity]") {
  site at;
  at.add("edge").edge = true;
  at.add("leaf").parent = "edge";
  at.add("far");
  const auto token = token_of("edge/$edgeHub");
  CHECK(at("leaf", token, "leaf;edge").verdict == kind::valid);
  CHECK(at("edge/$edgeHub", token, "edge/$edgeHub;edge").verdict
        == kind::valid);
  CHECK(at("far", token, "far;edge").verdict == kind::absent);
  CHECK(at("leaf", token, "far;edge").verdict == kind::refused);
  SECTION("through nested edge devices as well") {
    at.add("inner").edge = true;
    at.known["inner"].parent = "edge";
    at.known["leaf"].parent = "inner";
    CHECK(at("leaf", token, "leaf;inner;edge").verdict == kind::valid);
  }
  SECTION("a plain device acts for nobody") {
    at.known["edge"].edge = false;
    CHECK(at("leaf", token, "leaf;edge").verdict == kind::wrong);
  }
  SECTION("a ring of parents ends") {
    at.known["leaf"].parent = "far";
    at.known["far"].parent = "leaf";
    CHECK(at("leaf", token, "leaf;edge").verdict == kind::absent);
  }
  SECTION("and hears when one of them is not there any more, or disabled") {
    at.known["leaf"].enabled = false;
    CHECK(at("leaf", token, "leaf;edge").verdict == kind::absent);
    at.known.erase("leaf");
    CHECK(at("leaf", token, "leaf;edge").verdict == kind::absent);
    CHECK(at("edge/gone", token, "edge/gone;edge").verdict == kind::absent);
    // Not so who only says that it is the edge device.
    const auto wrong = token_of("edge/$edgeHub", key_two);
    CHECK(at("leaf", wrong, "leaf;edge").verdict == kind::unknown);
  }
  SECTION("but not while it is disabled itself") {
    at.known["edge"].enabled = false;
    CHECK(at("leaf", token, "leaf;edge").verdict == kind::wrong);
    at.known.erase("leaf");
    CHECK(at("leaf", token, "leaf;edge").verdict == kind::unknown);
  }
}

TEST_CASE("every token vector is judged as expected", "[identity]") {
  std::ifstream in{TIDEGATE_VECTORS "/sas.json"};
  std::stringstream text;
  text << in.rdbuf();
  const auto vectors = boost::json::parse(text.str());
  const std::string primary{vectors.at("keys").at("primaryBase64").as_string()};
  const std::string second{
    vectors.at("keys").at("secondaryBase64").as_string()};
  for (const auto& entry : vectors.at("cases").as_array()) {
    const auto& one = entry.as_object();
    INFO(std::string{one.at("id").as_string()});
    const identity_id id
      = parse_identity_id(std::string{one.at("identity").as_string()});
    std::vector<std::string> hosts{
      std::string{vectors.at("iotHubHostName").as_string()}};
    if (const auto* host = one.if_contains("gatewayHost"))
      hosts.emplace_back(host->as_string());
    const auto answer = judge(
      {id, std::string{one.at("token").as_string()}, {}},
      [&](const identity_id& wanted) -> std::optional<identity> {
        identity known;
        known.id = wanted;
        known.primary_key = primary;
        known.secondary_key = second;
        return known;
      },
      hosts, sas_time{std::chrono::seconds{one.at("now").as_int64()}});
    CHECK((answer.verdict == kind::valid) == one.at("expected").as_bool());
  }
}
