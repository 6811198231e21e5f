#include "messages/ec.hpp"
#include "messages/iothub/base64.hpp"
#include "runtime/api/workload_api.hpp"
#include "support/recorded_answer.hpp"
#include "support/test_certificate.hpp"
#include "support/vectors.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using namespace tidegate;

namespace {

constexpr pid_t own_process = 7;

http::handler api_of(const std::string& module) {
  workload_context with;
  with.own = {"gw", module};
  with.hub_host = "hub.example";
  with.secrets = std::make_shared<const seal>(std::string(32, 'k'));
  with.issue = [](const certificate_request& wish) {
    static const auto ca = make_ca("test", std::chrono::days{100});
    return make_certificate(*ca, wish);
  };
  with.list = [](const http::responder& answer) {
    answer.send({200, R"({"modules":[]})"});
  };
  with.sign = [](std::string_view data) -> caf::expected<std::string> {
    if (data == "no key")
      return caf::make_error(ec::unavailable, "the module has no key");
    return "signed:" + std::string{data};
  };
  with.trust_bundle = [] { return std::string{"PEM"}; };
  with.is_own_process = [](pid_t pid) { return pid == own_process; };
  return workload_api(std::move(with));
}

http::request make_request(const std::string& method, const std::string& target,
                           pid_t caller, const std::string& body = {}) {
  http::request asked;
  asked.method = method;
  http::parse_target(target, asked);
  asked.process = http::peer_process{caller, 0, 0};
  asked.body = body;
  return asked;
}

const std::string sign_path = "/modules/m/genid/1/sign?api-version=2020-07-07";

/// A call of `m` itself; the answer must be a JSON object with this status.
boost::json::object call(const std::string& target, const std::string& body,
                         unsigned status) {
  const auto answer
    = ask(api_of("m"), make_request("POST", target, own_process, body));
  INFO(target << ": " << answer.body);
  CHECK(answer.status == status);
  return boost::json::parse(answer.body).as_object();
}

std::string encrypt_body(std::string_view text, std::string_view vector) {
  return boost::json::serialize(
    boost::json::object{{"plaintext", base64_encode(text)},
                        {"initializationVector", base64_encode(vector)}});
}

std::string text_at(const boost::json::object& in, std::string_view key) {
  return std::string{in.at(key).as_string()};
}

const std::string version = "?api-version=2020-07-07";
const std::string secrets_path = "/modules/m/genid/1/";

} // namespace

TEST_CASE("a module gets its digest", "[workload]") {
  const auto answer
    = ask(api_of("m"),
          make_request("POST", sign_path, own_process, R"({"data":"YQ=="})"));
  CHECK(answer.status == 200);
  CHECK(answer.body == R"({"digest":"c2lnbmVkOmE="})");
}

TEST_CASE("nobody signs for another module", "[workload]") {
  const auto body = R"({"data":"YQ=="})";
  CHECK(ask(api_of("m"), make_request("POST", sign_path, 8, body)).status
        == 403);
  CHECK(
    ask(api_of("n"), make_request("POST", sign_path, own_process, body)).status
    == 403);
}

TEST_CASE("bad workload requests say what is wrong", "[workload]") {
  const auto status = [](const std::string& target, const std::string& body) {
    return ask(api_of("m"), make_request("POST", target, own_process, body))
      .status;
  };
  CHECK(status("/modules/m/genid/1/sign", "{}") == 400);
  CHECK(status("/modules/m/genid/1/sign?api-version=1999-01-01", "{}") == 400);
  CHECK(status(sign_path, "") == 400);
  CHECK(status(sign_path, "{}") == 422);
  CHECK(status(sign_path, "nonsense") == 422);
  CHECK(status(sign_path, R"({"data":"***"})") == 400);
  CHECK(status(sign_path, R"({"data":"bm8ga2V5"})") == 500);
  CHECK(status("/nowhere?api-version=2020-07-07", "") == 404);
}

TEST_CASE("a module's secrets come back to it alone", "[workload]") {
  const auto sealed = text_at(call(secrets_path + "encrypt" + version,
                                   encrypt_body("pin 1234", "iv"), 200),
                              "ciphertext");
  const auto open = [&](const std::string& vector) {
    return boost::json::serialize(boost::json::object{
      {"ciphertext", sealed}, {"initializationVector", base64_encode(vector)}});
  };
  CHECK(text_at(call(secrets_path + "decrypt" + version, open("iv"), 200),
                "plaintext")
        == base64_encode("pin 1234"));
  SECTION("not with another vector") {
    call(secrets_path + "decrypt" + version, open("iw"), 500);
  }
  SECTION("not after its identity was made anew") {
    call("/modules/m/genid/2/decrypt" + version, open("iv"), 500);
  }
  SECTION("and never look the same") {
    CHECK(text_at(call(secrets_path + "encrypt" + version,
                       encrypt_body("pin 1234", "iv"), 200),
                  "ciphertext")
          != sealed);
  }
}

TEST_CASE("a module gets certificates", "[workload]") {
  SECTION("for its own server") {
    const auto made = call(
      secrets_path + "certificate/server" + version,
      R"({"commonName":"gw1","expiration":"2030-01-01T00:00:00Z"})", 201);
    const auto& key = made.at("privateKey").as_object();
    CHECK(text_at(key, "type") == "key");
    CHECK(text_at(key, "bytes").starts_with("-----BEGIN PRIVATE KEY-----"));
    const auto seen = describe_certificate(text_at(made, "certificate"));
    CHECK(seen.find("DNS:gw1, DNS:m") != std::string::npos);
    CHECK(seen.find("TLS Web Server Authentication") != std::string::npos);
    CHECK(text_at(made, "expiration").back() == 'Z');
  }
  SECTION("for itself") {
    const auto made
      = call("/modules/m/certificate/identity" + version, "", 201);
    const auto seen = describe_certificate(text_at(made, "certificate"));
    CHECK(seen.find(", URI:azureiot://hub.example/devices/gw/modules/m")
          != std::string::npos);
    CHECK(seen.find("TLS Web Client Authentication") != std::string::npos);
  }
  SECTION("but not for a name that is none") {
    call(secrets_path + "certificate/server" + version,
         boost::json::serialize(
           boost::json::object{{"commonName", std::string(65, 'x')},
                               {"expiration", "2030-01-01T00:00:00Z"}}),
         400);
  }
}

TEST_CASE("the vectors of the workload API hold", "[workload]") {
  const auto vectors = read_vectors("agent-http.json");
  const std::map<std::string, std::string> needed{
    {"system-caller", R"({"data":""})"},
    {"decrypt-wrong-genid", R"({"ciphertext":"","initializationVector":""})"}};
  std::size_t checked = 0;
  for (const auto& entry : vectors.at("cases").as_array()) {
    const auto& one = entry.as_object();
    if (one.at("api").as_string() != "workload")
      continue;
    const std::string id{one.at("id").as_string()};
    INFO(id);
    const std::string request{one.at("request").as_string()};
    const std::string caller{one.at("caller").as_string()};
    // A module's socket is its own: its name is that in the path.
    const std::string module
      = request.find("$edgeHub") != std::string::npos ? "$edgeHub" : "m";
    const auto is_own = caller == module || '$' + caller == "$edgeHub";
    auto body = boost::json::serialize(one.at("requestBody"));
    if (one.at("requestBody").is_null()) {
      // The vectors leave out what these calls cannot do without.
      const auto known = needed.find(id);
      body = known == needed.end() ? "" : known->second;
    }
    const auto blank = request.find(' ');
    const auto answer
      = ask(api_of(module),
            make_request(request.substr(0, blank), request.substr(blank + 1),
                         is_own ? own_process : 8, body));
    CHECK(answer.status == one.at("expectStatus").as_int64());
    if (!one.at("expectBody").is_null())
      CHECK(boost::json::parse(answer.body) == one.at("expectBody"));
    ++checked;
  }
  CHECK(checked == 13);
}
