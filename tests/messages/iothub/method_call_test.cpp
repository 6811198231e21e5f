#include "messages/iothub/method_call.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

std::optional<method_call> parse(const std::string& body) {
  std::string why;
  auto made = parse_method_call(body, why);
  CHECK(made.has_value() == why.empty());
  return made;
}

std::string fault(const std::string& body) {
  std::string why;
  CHECK_FALSE(parse_method_call(body, why));
  return why;
}

} // namespace

TEST_CASE("a method call is read as it was written", "[methods]") {
  const auto full = parse(
    R"( {"methodName":"re\u0062oot", "payload": {"a":[1.50, "x"]},
         "responseTimeoutInSeconds":5,"connectTimeoutInSeconds":300,"z":{}} )");
  REQUIRE(full);
  CHECK(full->name == "reboot");
  CHECK(full->payload == R"({"a":[1.50, "x"]})");
  CHECK(full->response_timeout == 5s);
  CHECK(full->connect_timeout == 300s);
  const auto bare = parse(R"({"METHODNAME":"m"})");
  REQUIRE(bare);
  CHECK(bare->payload == "null");
  CHECK(bare->response_timeout == 30s);
  CHECK(bare->connect_timeout == 0s);
  CHECK(parse(R"({"methodName":"m","payload":"text"})")->payload
        == R"("text")");
}

TEST_CASE("a method call that breaks a rule is refused", "[methods]") {
  CHECK(fault("") == "the body is not JSON");
  CHECK(fault("[]") == "the body is not a JSON object");
  CHECK(fault("{}") == "methodName: missing");
  CHECK(fault(R"({"methodName":7})") == "methodName: not a text");
  const auto name_of = [](std::size_t size) {
    return R"({"methodName":")" + std::string(size, 'n') + R"("})";
  };
  CHECK(parse(name_of(100)));
  CHECK(fault(name_of(101)) == "methodName: longer than 100 characters");
  // Spec vector M5.
  const auto with = [](const std::string& more) {
    return R"({"methodName":"m",)" + more + "}";
  };
  CHECK(fault(with(R"("responseTimeoutInSeconds":4)"))
        == "responseTimeoutInSeconds: not from 5 to 300");
  CHECK(fault(with(R"("responseTimeoutInSeconds":301)"))
        == "responseTimeoutInSeconds: not from 5 to 300");
  CHECK(fault(with(R"("connectTimeoutInSeconds":-1)"))
        == "connectTimeoutInSeconds: not from 0 to 300");
  CHECK(fault(with(R"("connectTimeoutInSeconds":1.5)"))
        == "connectTimeoutInSeconds: not a whole number");
  const auto payload_of = [&](std::size_t size) {
    return with(R"("payload":")" + std::string(size - 2, 'p') + '"');
  };
  CHECK(parse(payload_of(131'072)));
  CHECK(fault(payload_of(131'073)) == "payload: longer than 131072 bytes");
}

TEST_CASE("a caller names itself as device and module", "[methods]") {
  CHECK(parse_calling_module("edge/filter") == identity_id{"edge", "filter"});
  for (const auto* text : {"", "edge", "/filter", "edge/", "a/b/c"})
    CHECK_FALSE(parse_calling_module(text));
}

TEST_CASE("an answer's payload is JSON whatever the client sent", "[methods]") {
  CHECK(method_answer(200, R"({"a": 1.50})")
        == R"({"status":200,"payload":{"a": 1.50}})");
  CHECK(method_answer(-1, "") == R"({"status":-1,"payload":null})");
  CHECK(method_answer(1, "no \"JSON")
        == R"({"status":1,"payload":"no \"JSON"})");
  CHECK(method_answer(1, "\"\xff\"") == R"({"status":1,"payload":null})");
  // Half of a surrogate pair is no JSON to every reader.
  CHECK(method_answer(1, R"("\ud83d")")
        == R"({"status":1,"payload":"\"\\ud83d\""})");
  const std::string deep(70, '[');
  CHECK(method_answer(1, deep + std::string(70, ']')).find(":\"[[[")
        != std::string::npos);
}
