#include "runtime/api/events_api.hpp"

#include "messages/ec.hpp"
#include "support/deterministic.hpp"
#include "support/recorded_answer.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

/// The calls, and a log that keeps what it is asked to remove.
struct api : deterministic {
  std::vector<trim_events> wishes;
  caf::error failing;
  event_log_actor log = caf::actor_cast<event_log_actor>(
    sys.spawn([this](caf::event_based_actor*) -> caf::behavior {
      return {[this](const trim_events& wish) -> caf::result<events_trimmed> {
        wishes.push_back(wish);
        if (failing)
          return failing;
        return events_trimmed{5, 12, 700};
      }};
    }));
  bool is_hub = true;
  caf::actor runner = sys.spawn(bridge);
  http::router calls;

  api() {
    add_events_api(
      calls, [this] { return is_hub ? log : event_log_actor{}; },
      actor_bridge{runner});
  }
  ~api() {
    caf::anon_send_exit(caf::actor_cast<caf::actor>(log),
                        caf::exit_reason::user_shutdown);
    caf::anon_send_exit(runner, caf::exit_reason::user_shutdown);
  }

  http::response trim(const std::string& body) {
    http::request asked;
    asked.method = "POST";
    http::parse_target("/events/trim", asked);
    asked.body = body;
    const auto answer = std::make_shared<recorded_answer>();
    calls(asked, http::responder{answer});
    run();
    return answer->got;
  }
};

} // namespace

TEST_CASE_METHOD(api, "an operator has events removed", "[events_api]") {
  const auto answer = trim(R"({"toOffset":12})");
  CHECK(answer.status == 200);
  CHECK(answer.body
        == R"({"from":5,"to":12,"count":7,"bytes":700,"dryRun":false})");
  CHECK(wishes.at(0).to_offset == 12);
  CHECK_FALSE(wishes.at(0).dry_run);
  trim(R"({"keep":1073741824,"dryRun":true})");
  CHECK(wishes.at(1).keep == 1u << 30);
  CHECK(wishes.at(1).dry_run);
  trim(R"({"before":"1970-01-01T00:00:05Z"})");
  CHECK(wishes.at(2).before == wall_time{5s});
}

TEST_CASE_METHOD(api, "what is wrong with a wish to trim is said",
                 "[events_api]") {
  const auto [body, word] = GENERATE(table<std::string, std::string>({
    {"", "no JSON"},
    {"[]", "object"},
    {"{}", "one of"},
    {R"({"dryRun":true})", "one of"},
    {R"({"keep":1,"toOffset":2})", "one of"},
    {R"({"keep":-1})", "keep"},
    {R"({"keep":"1 GiB"})", "keep"},
    {R"({"toOffset":1.5})", "toOffset"},
    {R"({"before":"yesterday"})", "before"},
    {R"({"before":5})", "before"},
    {R"({"keep":1,"dryRun":1})", "dryRun"},
    {R"({"all":true})", "all"},
  }));
  const auto answer = trim(body);
  CHECK(answer.status == 400);
  CHECK_THAT(answer.body, Catch::Contains(word == "no JSON" ? "JSON" : word));
  CHECK(wishes.empty());
}

TEST_CASE_METHOD(api, "what the log refuses is told", "[events_api]") {
  failing = caf::make_error(ec::bad_argument, std::string{"ends before 9"});
  const auto answer = trim(R"({"toOffset":12})");
  CHECK(answer.status == 400);
  CHECK_THAT(answer.body, Catch::Contains("ends before 9"));
}

TEST_CASE_METHOD(api, "a gateway has no log to trim", "[events_api]") {
  is_hub = false;
  CHECK(trim(R"({"toOffset":12})").status == 409);
}
