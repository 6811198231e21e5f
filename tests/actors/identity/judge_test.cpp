#include "actors/identity/judge.hpp"
#include "messages/iothub/client_certificate.hpp"
#include "messages/iothub/sas_signature.hpp"
#include "support/test_certificate.hpp"
#include "support/vectors.hpp"

#include <catch2/catch.hpp>
#include <map>

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
  std::string bundle; ///< of certificates that are trusted
  access_policies policies;

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
      {hosts, bundle, policies}, now);
  }
};

judgement show(const site& at, const std::string& id, const std::string& pem,
               sas_time when = now, const std::string& chain = {},
               const std::string& token = {}) {
  return judge(
    {parse_identity_id(id), token, chain, pem},
    [&at](const identity_id& wanted) -> std::optional<identity> {
      const auto found = at.known.find(to_string(wanted));
      if (found == at.known.end())
        return std::nullopt;
      return found->second;
    },
    {at.hosts, at.bundle, {}}, when);
}

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
  SECTION("a disabled edge device acts for nobody") {
    at.known["edge"].enabled = false;
    CHECK(at("leaf", token, "leaf;edge").verdict == kind::wrong);
  }
  SECTION("nor does any module but its hub") {
    at.add("edge/other");
    CHECK(at("leaf", token_of("edge/other"), "leaf;edge/other").verdict
          == kind::refused);
    CHECK(at("leaf", token_of("edge/other"), "leaf;edge").verdict
          != kind::valid);
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

TEST_CASE("a certificate is known by its thumbprint", "[identity][x509]") {
  const test_certificate shown{{"any name"}};
  const auto read = read_client_certificate(shown.pem());
  site at;
  auto& leaf = at.add("leaf");
  leaf.credential = credential_kind::thumbprint;
  const auto upper = [](std::string text) {
    for (auto& c : text)
      c = static_cast<char>(std::toupper(c));
    return text;
  };
  for (const auto& hash : {read->sha1, read->sha256, upper(read->sha256)}) {
    leaf.primary_thumbprint = hash;
    leaf.secondary_thumbprint.clear();
    CHECK(show(at, "leaf", shown.pem()).verdict == kind::valid);
    CHECK(show(at, "leaf", shown.pem()).method == auth_method::thumbprint);
    std::swap(leaf.primary_thumbprint, leaf.secondary_thumbprint);
    CHECK(show(at, "leaf", shown.pem()).verdict == kind::valid);
  }
  SECTION("not before or after its time") {
    CHECK(
      show(at, "leaf", shown.pem(), now - std::chrono::hours{24 * 3650}).verdict
      == kind::refused);
    CHECK(
      show(at, "leaf", shown.pem(), now + std::chrono::hours{24 * 3650}).verdict
      == kind::refused);
  }
  SECTION("another certificate is wrong") {
    CHECK(show(at, "leaf", test_certificate{{"any name"}}.pem()).verdict
          == kind::wrong);
  }
  SECTION("a disabled identity is") {
    leaf.enabled = false;
    CHECK(show(at, "leaf", shown.pem()).verdict == kind::wrong);
  }
  SECTION("a token wins, good or not") {
    CHECK(show(at, "leaf", shown.pem(), now, {}, token_of("leaf")).verdict
          == kind::wrong);
  }
  SECTION("an identity with keys wants a token") {
    leaf.credential = credential_kind::symmetric_key;
    CHECK(show(at, "leaf", shown.pem()).verdict == kind::wrong);
  }
  SECTION("modules have no certificates") {
    auto& module = at.add("leaf/m");
    module.credential = credential_kind::thumbprint;
    module.primary_thumbprint = read->sha256;
    CHECK(show(at, "leaf/m", shown.pem()).verdict == kind::refused);
  }
  SECTION("who acts for others needs a token") {
    leaf.edge = true;
    at.add("behind").parent = "leaf";
    CHECK(show(at, "behind", shown.pem(), now, "behind;leaf").verdict
          == kind::refused);
  }
  SECTION("what cannot be read is refused") {
    CHECK(show(at, "leaf", "-----BEGIN CERTIFICATE-----").verdict
          == kind::refused);
  }
}

TEST_CASE("a certificate comes from an authority", "[identity][x509]") {
  const test_certificate root{{"root", true}};
  site at;
  at.bundle = root.pem();
  at.add("leaf").credential = credential_kind::authority;
  const auto verdict_of = [&](const test_certificate& shown) {
    return show(at, "leaf", shown.pem()).verdict;
  };
  CHECK(verdict_of(test_certificate{{"leaf"}, &root}) == kind::valid);
  CHECK(show(at, "leaf", test_certificate{{"leaf"}, &root}.pem()).method
        == auth_method::authority);
  CHECK(verdict_of(test_certificate{{"Leaf"}, &root}) == kind::refused);
  CHECK(verdict_of(test_certificate{{"leaf-2"}, &root}) == kind::refused);
  CHECK(verdict_of(test_certificate{{"leaf"}}) == kind::refused);
  CHECK(verdict_of(test_certificate{{"leaf", true}, &root}) == kind::refused);
  // Its node gives a module named `leaf` one too.
  CHECK(verdict_of(test_certificate{
          {.name = "leaf",
           .use = "clientAuth",
           .also = "URI:azureiot://hub/devices/edge-1/modules/leaf"},
          &root})
        == kind::refused);
  CHECK(verdict_of(test_certificate{{"leaf", false, "serverAuth"}, &root})
        == kind::refused);
  const std::chrono::sys_seconds old{std::chrono::seconds{1'700'000'100}};
  CHECK(verdict_of(test_certificate{{.name = "leaf", .to = old}, &root})
        == kind::refused);
}

TEST_CASE("every token vector is judged as expected", "[identity]") {
  const auto vectors = read_vectors("sas.json");
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
      {hosts, {}}, sas_time{std::chrono::seconds{one.at("now").as_int64()}});
    const auto* own = one.if_contains("expectedTidegate");
    CHECK((answer.verdict == kind::valid)
          == (own ? *own : one.at("expected")).as_bool());
  }
}

TEST_CASE("a policy that may connect devices speaks for any that is there",
          "[identity]") {
  site at;
  at.add("leaf");
  at.add("edge");
  at.add("edge/m");
  at.add("off").enabled = false;
  const auto policy = [](const char* name, access_rights rights) {
    return access_policy{name, rights, key_two, {}};
  };
  at.policies = std::make_shared<const std::vector<access_policy>>(
    std::vector{policy("device", access_right::device_connect),
                policy("service", access_right::service_connect)});
  const auto token = [](const std::string& id, const char* name,
                        const std::string& key = key_two) {
    return token_of(id, key) + "&skn=" + name;
  };
  CHECK(at("leaf", token("leaf", "device")).verdict == kind::valid);
  CHECK(at("leaf", token("leaf", "device")).method
        == auth_method::policy_token);
  CHECK(at("edge/m", token("edge/m", "device")).verdict == kind::valid);
  CHECK(at("edge/m", token("edge", "device")).verdict == kind::valid);
  const auto refused = [&](const std::string& id, const std::string& shown) {
    return at(id, shown).verdict != kind::valid;
  };
  CHECK(refused("leaf", token("leaf", "service")));
  CHECK(refused("leaf", token("leaf", "nobody")));
  CHECK(refused("leaf", token("edge", "device")));
  CHECK(refused("stranger", token("stranger", "device")));
  CHECK(refused("off", token("off", "device")));
  // With its own key a device may name any policy: IoT Hub ignores it.
  CHECK(at("leaf", token("leaf", "nobody", key_one)).verdict == kind::valid);
  CHECK(at("leaf", token("leaf", "nobody", key_one)).method
        == auth_method::device_token);
  at.policies = nullptr; // a gateway has none
  CHECK(refused("leaf", token("leaf", "device")));
}

TEST_CASE("a proxy passes on a certificate that it was shown",
          "[identity][x509]") {
  const test_certificate shown{{"leaf"}};
  const test_certificate other{{"other"}};
  site at;
  at.add("edge");
  at.add("edge/IoTEdgeAPIProxy").primary_key = key_two;
  at.add("edge/m");
  at.add("edge2/IoTEdgeAPIProxy");
  at.add("edge2");
  auto& leaf = at.add("leaf");
  leaf.credential = credential_kind::thumbprint;
  leaf.primary_thumbprint = read_client_certificate(shown.pem())->sha1;
  authenticate wish{{"leaf", {}}, {}, {}};
  wish.vouched = {shown.pem(), token_of("edge/IoTEdgeAPIProxy", key_two)};
  identity_id proxy{"edge", "IoTEdgeAPIProxy"};
  auto when = now;
  const auto judged = [&] {
    return judge(
      wish,
      [&at](const identity_id& wanted) -> std::optional<identity> {
        const auto found = at.known.find(to_string(wanted));
        if (found == at.known.end())
          return std::nullopt;
        return found->second;
      },
      {at.hosts, at.bundle, {}, proxy}, when);
  };
  CHECK(judged().verdict == kind::valid);
  CHECK(judged().method == auth_method::thumbprint);
  SECTION("which must be that of the client") {
    wish.vouched.pem = other.pem();
    CHECK(judged().verdict == kind::wrong);
    wish.vouched.pem = "no certificate";
    CHECK(judged().verdict == kind::refused);
  }
  SECTION("only if it shows its own token") {
    for (const auto& token :
         {std::string{}, token_of("edge/IoTEdgeAPIProxy", "c3RyYW5nZXI="),
          token_of("edge/m", key_one), token_of("edge2/IoTEdgeAPIProxy"),
          token_of("leaf")}) {
      wish.vouched.token = token;
      CHECK(judged().verdict == kind::refused);
    }
  }
  SECTION("only while it may") {
    at.known["edge/IoTEdgeAPIProxy"].enabled = false;
    CHECK(judged().verdict == kind::refused);
    at.known["edge/IoTEdgeAPIProxy"].enabled = true;
    at.known["edge"].enabled = false;
    CHECK(judged().verdict == kind::refused);
  }
  SECTION("only where there is one") {
    proxy = {};
    CHECK(judged().verdict == kind::refused);
  }
  SECTION("and its token need not outlast the client's connection") {
    wish.vouched.token
      = *mint_sas_token("hub.local", proxy, key_two,
                        std::chrono::floor<std::chrono::seconds>(now));
    when += std::chrono::hours{1};
    CHECK(judged().verdict == kind::refused);
    wish.again = true;
    CHECK(judged().verdict == kind::valid);
  }
  SECTION("a token of the client wins") {
    wish.token = token_of("other");
    CHECK(judged().verdict != kind::valid);
  }
  SECTION("what it showed on TLS counts, where the proxy's word does not") {
    wish.vouched = {other.pem(), "rubbish"};
    wish.certificate = shown.pem();
    CHECK(judged().verdict == kind::valid);
  }
}
