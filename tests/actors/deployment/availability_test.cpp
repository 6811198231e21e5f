#include "actors/deployment/availability.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

module_status module(runtime_status status, bool wanted = true) {
  module_status made;
  made.name = "m";
  made.status = status;
  made.wanted_running = wanted;
  return made;
}

} // namespace

TEST_CASE("it is counted for how long modules run and should", "[deployment]") {
  availability subject{30s};
  const availability::time start{};
  const auto of = [&](const char* name) { return subject.accounts().at(name); };
  subject.look({module(runtime_status::running)}, start);
  CHECK(of("m").expected == 0s);
  subject.look({module(runtime_status::running)}, start + 5s);
  subject.look({module(runtime_status::backoff)}, start + 9s);
  CHECK(of("m").expected == 9s);
  CHECK(of("m").running == 5s);
  SECTION("but not while it is stopped on purpose") {
    subject.look({module(runtime_status::stopped, false)}, start + 20s);
    subject.look({module(runtime_status::running)}, start + 60s);
    subject.look({module(runtime_status::running)}, start + 61s);
    CHECK(of("m").expected == 10s);
    CHECK(of("m").running == 6s);
  }
  SECTION("nor while it is not deployed") {
    subject.look({}, start + 20s);
    subject.look({module(runtime_status::running)}, start + 60s);
    CHECK(of("m").expected == 9s);
  }
  SECTION("and the agent runs, but for the time it was away") {
    CHECK(of("edgeAgent").expected == 39s);
    CHECK(of("edgeAgent").running == 9s);
  }
}
