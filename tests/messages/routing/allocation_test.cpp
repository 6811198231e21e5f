#include "messages/routing/route_table.hpp"

#include "fixture.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <new>

#if !defined(__SANITIZE_ADDRESS__)

namespace {

thread_local std::size_t allocations = 0;

} // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* const room = std::malloc(size > 0 ? size : 1))
    return room;
  throw std::bad_alloc{};
}

void operator delete(void* room) noexcept { std::free(room); }

void operator delete(void* room, std::size_t) noexcept { std::free(room); }

using namespace tidegate;
using namespace tidegate::routing;

TEST_CASE("evaluating allocates nothing once it is warm", "[routing]") {
  const auto message = vector_fixture("telemetry");
  scratch memory{1};
  for (const auto* text :
       {"level = 'warn' AND as_number(count) > 11 AND NOT (Site = 'x')",
        "upper(level) || Site = 'WARNDock-3'", "$body.loc.bay = 'N4'",
        "$body.hist[2] * 2 > 10", "length($edgeMessageId) = 36"}) {
    INFO(text);
    const auto compiled = compile_condition(text);
    REQUIRE(compiled);
    const auto run = [&] {
      return evaluate(*compiled, message.head, message.payload, "edge-1",
                      memory);
    };
    const auto first = run();
    const auto before = allocations;
    const auto second = run();
    const auto after = allocations;
    CHECK(first == truth::yes);
    CHECK(second == truth::yes);
    CHECK(after == before);
  }
}

#endif
