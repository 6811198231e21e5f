#include "runtime/http/router.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

using namespace tidegate::http;

namespace {

struct caught final : exchange {
  std::optional<response> answer;
  void send(response with) override { answer = std::move(with); }
  body_stream_ptr stream(unsigned, std::string, stream_events) override {
    return nullptr;
  }
};

response ask(const router& to, std::string method, std::string path) {
  request asked;
  asked.method = std::move(method);
  asked.path = std::move(path);
  const auto answer = std::make_shared<caught>();
  to(asked, responder{answer});
  REQUIRE(answer->answer);
  return *answer->answer;
}

router modules() {
  router made{400};
  const auto echo = [](const request&, const path_parameters& parameters,
                       const responder& answer) {
    response text;
    for (const auto& [name, value] : parameters)
      text.body += name + "=" + value + ";";
    answer.send(text);
  };
  made.add("GET", "/modules", echo);
  made.add("GET", "/modules/{name}", echo);
  made.add("POST", "/modules/{name}/genid/{generation}/sign", echo);
  return made;
}

} // namespace

TEST_CASE("a router takes names from the path, decoded", "[http]") {
  CHECK(ask(modules(), "GET", "/modules/temp%20sensor").body
        == "name=temp sensor;");
  CHECK(ask(modules(), "POST", "/modules/$edgeHub/genid/1/sign").body
        == "generation=1;name=$edgeHub;");
}

TEST_CASE("a router ignores one slash at the end", "[http]") {
  CHECK(ask(modules(), "GET", "/modules/").status == 200);
  CHECK(ask(modules(), "GET", "/modules//").status == 404);
}

TEST_CASE("a router tells unknown paths from unknown methods", "[http]") {
  CHECK(ask(modules(), "GET", "/nothing").status == 404);
  CHECK(ask(modules(), "GET", "/").status == 404);
  CHECK(ask(modules(), "PATCH", "/modules").status == 400);
  CHECK(ask(modules(), "PATCH", "/modules").body
        == R"({"message":"method not allowed"})");
  CHECK(ask(router{}, "GET", "/").status == 404);
}

TEST_CASE("a router refuses broken percent-encoding", "[http]") {
  CHECK(ask(modules(), "GET", "/modules/%4").status == 400);
}

TEST_CASE("any target is taken apart or refused", "[http]") {
  CHECK(rc::check([](const std::string& target) {
    request asked;
    asked.method = "GET";
    if (!parse_target("/" + target, asked))
      return;
    const auto answer = std::make_shared<caught>();
    modules()(asked, responder{answer});
    RC_ASSERT(answer->answer.has_value());
  }));
}
