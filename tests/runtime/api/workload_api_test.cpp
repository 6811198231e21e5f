#include "messages/ec.hpp"
#include "runtime/api/workload_api.hpp"
#include "support/recorded_answer.hpp"
#include "support/vectors.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using namespace tidegate;

namespace {

constexpr pid_t own_process = 7;

http::handler api_of(const std::string& module) {
  workload_context with;
  with.module = module;
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

TEST_CASE("the workload vectors of what is served hold", "[workload]") {
  const auto vectors = read_vectors("agent-http.json");
  int checked = 0;
  for (const auto& entry : vectors.at("cases").as_array()) {
    const auto& one = entry.as_object();
    const std::string request{one.at("request").as_string()};
    const auto served = request.find("/sign?") != std::string::npos
                        || request.find(" /trust-bundle") != std::string::npos;
    if (one.at("api").as_string() != "workload" || !served)
      continue;
    INFO(std::string{one.at("id").as_string()});
    const auto blank = request.find(' ');
    const auto& body = one.at("requestBody");
    const auto foreign = one.at("id").as_string() == "sign-other";
    const auto module = request.find("$edgeHub") != std::string::npos
                          ? std::string{"$edgeHub"}
                          : std::string{"m"};
    const auto is_system = module == "$edgeHub";
    const auto answer
      = ask(api_of(module),
            make_request(request.substr(0, blank), request.substr(blank + 1),
                         foreign ? 8 : own_process,
                         body.is_null() ? is_system ? R"({"data":""})" : ""
                                        : boost::json::serialize(body)));
    CHECK(answer.status == one.at("expectStatus").as_int64());
    ++checked;
  }
  CHECK(checked >= 5);
}
