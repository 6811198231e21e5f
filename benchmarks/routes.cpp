// What a condition costs, and what a thousand routes cost a sender.
#include "messages/routing/evaluate.hpp"
#include "messages/routing/route_table.hpp"

#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

namespace {

using namespace tidegate;
using namespace tidegate::routing;

/// A module's message as it comes in: what the front end adds, and a few
/// properties of its own.
message_head make_head() {
  message_head head;
  head.sender = {"edge-1", "pump"};
  head.system
    = {{"messageId", "m-1"},           {"contentType", "application/json"},
       {"contentEncoding", "utf-8"},   {"connectionDeviceId", "edge-1"},
       {"connectionModuleId", "pump"}, {"outputName", "vib"}};
  head.user = {{"site", "Dock-3"},
               {"line", "4"},
               {"unit", "rpm"},
               {"level", "warn"},
               {"count", "12"}};
  return head;
}

constexpr std::string_view body
  = R"({"rpm":1480,"temp":-3.5,"ok":true,"name":"pump A","loc":{"bay":"N4"},)"
    R"("hist":[5,7,9],"at":"2026-01-02T03:04:05Z","nil":null,"x":"0123456789"})";

void run_condition(benchmark::State& state, const char* text) {
  const auto compiled = compile_condition(text);
  const auto head = make_head();
  scratch memory{1};
  for (auto _ : state)
    benchmark::DoNotOptimize(evaluate(*compiled, head, body, "edge-1", memory));
  state.SetItemsProcessed(state.iterations());
}

void compare_property(benchmark::State& state) {
  run_condition(state, "level = 'warn'");
}
void compare_as_number(benchmark::State& state) {
  run_condition(state, "as_number(count) > 11.5");
}
void compare_three(benchmark::State& state) {
  run_condition(state,
                "level = 'warn' AND site = 'Dock-3' AND NOT (line = '5')");
}
void compare_system_property(benchmark::State& state) {
  run_condition(state, "$connectionModuleId = 'pump'");
}
void lower_case(benchmark::State& state) {
  run_condition(state, "starts_with(lower(site), 'dock')");
}
void query_body(benchmark::State& state) {
  run_condition(state, "$body.rpm > 1000");
}
void query_body_twice(benchmark::State& state) {
  run_condition(state, "$body.rpm > 1000 AND $body.loc.bay = 'N4'");
}

BENCHMARK(compare_property);
BENCHMARK(compare_as_number);
BENCHMARK(compare_three);
BENCHMARK(compare_system_property);
BENCHMARK(lower_case);
BENCHMARK(query_body);
BENCHMARK(query_body_twice);

/// `count` routes from `source` that all must be asked, to 50 modules.
route_table make_table(std::size_t count, const std::string& source,
                       const std::string& where) {
  std::vector<route_spec> specs;
  for (std::size_t i = 0; i < count; ++i) {
    const auto number = std::to_string(i);
    const auto text = "FROM " + source + " WHERE " + where + " = '" + number
                      + "' INTO BrokeredEndpoint('/modules/m"
                      + std::to_string(i % 50) + "/inputs/i')";
    auto compiled = parse_route(text, "edge-1");
    specs.push_back({"r" + number, text, default_priority,
                     std::chrono::seconds{0}, std::move(*compiled)});
  }
  return {std::move(specs), std::chrono::seconds{-1}, "edge-1"};
}

/// Nothing is known about the head: all of a sender's message is routed.
void route_uncached(benchmark::State& state, const std::string& source,
                    const std::string& where) {
  const auto table = make_table(1000, source, where);
  const auto head = make_head();
  scratch memory{1};
  std::vector<route_match> out;
  for (auto _ : state) {
    out.clear();
    table.resolve(table.plan_for(head, memory), head, body, memory, out);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations());
}

/// The plan is at hand, as it is for all but the first message of a head.
void route_planned(benchmark::State& state, const std::string& source,
                   const std::string& where) {
  const auto table = make_table(1000, source, where);
  const auto head = make_head();
  scratch memory{1};
  const auto known = table.plan_for(head, memory);
  std::vector<route_match> out;
  for (auto _ : state) {
    out.clear();
    table.resolve(known, head, body, memory, out);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations());
}

void thousand_routes_by_property(benchmark::State& state) {
  route_uncached(state, "/messages/*", "level");
}
void thousand_routes_by_body(benchmark::State& state) {
  route_uncached(state, "/messages/*", "$body.name");
}
void thousand_routes_of_others(benchmark::State& state) {
  route_uncached(state, "/messages/modules/other/*", "level");
}
void thousand_routes_by_property_planned(benchmark::State& state) {
  route_planned(state, "/messages/*", "level");
}
void thousand_routes_by_body_planned(benchmark::State& state) {
  route_planned(state, "/messages/*", "$body.name");
}

BENCHMARK(thousand_routes_by_property);
BENCHMARK(thousand_routes_by_body);
BENCHMARK(thousand_routes_of_others);
BENCHMARK(thousand_routes_by_property_planned);
BENCHMARK(thousand_routes_by_body_planned);

void compile_route(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(parse_route(
      "FROM /messages/modules/pump/outputs/* WHERE level = 'warn' AND "
      "as_number(count) > 11 INTO BrokeredEndpoint('/modules/a/inputs/b')",
      "edge-1"));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(compile_route);

} // namespace
