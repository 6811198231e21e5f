#include "messages/deployment/agent_call.hpp"
#include "support/vectors.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using namespace tidegate::deployment;

namespace {

constexpr std::int64_t now = 1'767'323'045'678; // 2026-01-02T03:04:05.678Z

std::variant<agent_call, call_refusal> read(const char* name,
                                            const std::string& payload) {
  return read_agent_call(name, payload, now);
}

template <class Call>
Call call_of(const char* name, const std::string& payload) {
  const auto found = read(name, payload);
  if (const auto* refused = std::get_if<call_refusal>(&found))
    FAIL(refused->message);
  return std::get<Call>(std::get<agent_call>(found));
}

call_refusal refusal_of(const char* name, const std::string& payload) {
  const auto found = read(name, payload);
  REQUIRE(std::holds_alternative<call_refusal>(found));
  return std::get<call_refusal>(found);
}

/// A payload of `GetModuleLogs` with these members.
std::string logs_with(const std::string& members) {
  return R"({"schemaVersion":"1.0",)" + members + '}';
}

} // namespace

TEST_CASE("calls of the agent's methods are judged as the vectors say",
          "[deployment]") {
  const auto vectors = read_vectors("agent-methods-logs.json");
  for (const auto& item : vectors.at("cases").as_array()) {
    const auto& entry = item.as_object();
    if (entry.at("op") != "directMethod")
      continue;
    INFO(text_or_empty(entry, "id"));
    const auto found = read_agent_call(text_or_empty(entry, "method"),
                                       text_or_empty(entry, "payload"), now);
    const auto* refused = std::get_if<call_refusal>(&found);
    const auto status = entry.at("expectStatus").to_number<int>();
    const auto id = text_or_empty(entry, "id");
    // What only shows when the call is carried out is tested with the actor.
    const auto judged_later
      = id == "method-restart-missing" || id == "method-logs-too-big";
    CHECK((refused ? refused->status : 200) == (judged_later ? 200 : status));
    const auto* body = entry.at("expectBody").if_object();
    if (!refused || !body)
      continue;
    std::string expected{body->at("message").as_string()};
    expected = expected.substr(0, expected.find('<'));
    CHECK(refused->message.starts_with(expected));
  }
}

TEST_CASE("logs are asked for", "[deployment]") {
  SECTION("of one module, with everything by default") {
    const auto wanted
      = call_of<logs_call>("getmodulelogs", logs_with(R"("items":{"id":"m"})"))
          .wanted;
    REQUIRE(wanted.items.size() == 1);
    CHECK(wanted.items.front().filter == log_filter{});
    CHECK(wanted.encoding == log_encoding::none);
    CHECK(wanted.content == log_content::text);
  }
  SECTION("of some, filtered") {
    const auto call = call_of<upload_logs_call>(
      "UploadModuleLogs", logs_with(R"("sasUrl":"https://x","encoding":"gzip",
        "contentType":"json","items":[{"id":"all","filter":{"tail":7,
        "since":"10m","until":"1767323045","loglevel":4,"regex":"a|b"}},
        {"id":"^m$","filter":null}])"));
    CHECK(call.sas_url == "https://x");
    CHECK(call.wanted.encoding == log_encoding::gzip);
    CHECK(call.wanted.content == log_content::json);
    REQUIRE(call.wanted.items.size() == 2);
    const log_filter expected{7, now - 600'000, 1'767'323'045'000, 4, "a|b"};
    CHECK(call.wanted.items.front().filter == expected);
  }
  const auto why = [](const std::string& members) {
    const auto refused = refusal_of("GetModuleLogs", logs_with(members));
    CHECK(refused.status == 400);
    return refused.message;
  };
  SECTION("and what is wrong is named") {
    CHECK(why(R"("items":[])") == "items: must be 1 to 100 objects");
    CHECK(
      why(R"("items":[{"id":"("}])").starts_with("items[0].id: is no regu"));
    CHECK(why(R"("items":{"id":"m","filter":{"loglevel":8}})")
            .starts_with("items.filter.loglevel: "));
    CHECK(why(R"("items":{"id":"m","filter":{"since":"tomorrow"}})")
          == "items.filter.since: is neither a time nor how long ago");
    CHECK(why(R"("items":{"id":"m"},"encoding":"zip")")
          == "encoding: must be none or gzip");
    CHECK(why(R"("items":{"id":"m","filter":{"regex":")"
              + std::string(1025, 'a') + R"("}})")
          == "items.filter.regex: is longer than 1024 bytes");
    CHECK(why(R"("encoding":"none")") == "items: is missing");
  }
}

TEST_CASE("the other calls take what they need", "[deployment]") {
  CHECK(call_of<restart_call>("RestartModule",
                              R"({"schemaVersion":"1.0","id":"m"})")
          .module
        == "m");
  CHECK(call_of<task_call>("GetTaskStatus",
                           R"({"schemaVersion":"1.0","correlationId":"c"})")
          .correlation
        == "c");
  const auto bundle = call_of<upload_bundle_call>(
    "UploadSupportBundle",
    R"({"schemaVersion":"1.0","sasUrl":"u","since":"2 days 3h",
        "edgeRuntimeOnly":true})");
  CHECK(bundle.since == now - 183'600'000);
  CHECK(bundle.runtime_only);
  CHECK(refusal_of("UploadSupportBundle", R"({"schemaVersion":"1.0"})").message
        == "sasUrl: is missing");
  CHECK(known_method("PING") == "ping");
  CHECK(known_method("Reboot") == "other");
}
