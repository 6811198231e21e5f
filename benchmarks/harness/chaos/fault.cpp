#include "benchmarks/harness/chaos/fault.hpp"

#include <array>
#include <random>
#include <utility>

namespace tidegate::harness {

namespace {

using namespace std::chrono_literals;

/// How a kind is named, drawn and timed.
struct fault_traits {
  std::string_view name;
  std::uint64_t weight;
  std::chrono::milliseconds shortest;
  std::chrono::milliseconds longest;
};

constexpr std::array<fault_traits, fault_kinds> traits{{
  {"kill gateway", 40, 0ms, 100ms},
  {"kill hub", 15, 0ms, 500ms},
  {"kill module", 15, 0ms, 0ms},
  {"cut uplink", 8, 50ms, 800ms},
  {"stall uplink", 5, 200ms, 1500ms},
  {"delay uplink", 4, 200ms, 1000ms},
  {"pause module", 4, 100ms, 1000ms},
  {"slow module", 4, 500ms, 1500ms},
  {"fill quota", 2, 0ms, 300ms},
  {"kill cut gateway", 6, 50ms, 800ms},
  {"kill full gateway", 2, 0ms, 300ms},
  {"slow sync", 3, 1500ms, 3000ms},
  {"step clock", 3, 200ms, 1000ms},
  {"oversized message", 3, 0ms, 0ms},
}};

constexpr std::chrono::milliseconds longest_pause = 700ms;
/// Far more than there are modules.
constexpr std::uint64_t fault_choices = 1 << 20;

const fault_traits& traits_of(fault_kind kind) {
  return traits[static_cast<std::size_t>(kind)];
}

/// Draws that do not depend on the standard library: its engines are
/// specified to the bit, its distributions are not.
class dice {
public:
  explicit dice(std::uint64_t seed) : engine_(seed) {}

  /// From 0 to `end`, which it never is; 0 when `end` is.
  std::uint64_t below(std::uint64_t end) {
    return end == 0 ? 0 : engine_() % end;
  }

  std::chrono::milliseconds between(std::chrono::milliseconds from,
                                    std::chrono::milliseconds to) {
    const auto span = static_cast<std::uint64_t>((to - from).count());
    return from + std::chrono::milliseconds{below(span + 1)};
  }

  fault_kind kind() {
    std::uint64_t total = 0;
    for (const auto& one : traits)
      total += one.weight;
    auto at = below(total);
    std::size_t chosen = 0;
    while (at >= traits[chosen].weight)
      at -= traits[chosen++].weight;
    return static_cast<fault_kind>(chosen);
  }

  /// Every kind once, in any order.
  std::array<fault_kind, fault_kinds> all_kinds() {
    std::array<fault_kind, fault_kinds> kinds{};
    for (std::size_t i = 0; i < kinds.size(); ++i)
      kinds[i] = static_cast<fault_kind>(i);
    for (std::size_t i = kinds.size() - 1; i > 0; --i)
      std::swap(kinds[i], kinds[below(i + 1)]);
    return kinds;
  }

private:
  std::mt19937_64 engine_;
};

} // namespace

std::string_view to_string(fault_kind kind) { return traits_of(kind).name; }

bool is_kill(fault_kind kind) {
  return kind == fault_kind::kill_gateway || kind == fault_kind::kill_hub
         || kind == fault_kind::kill_module
         || kind == fault_kind::kill_cut_gateway
         || kind == fault_kind::kill_full_gateway;
}

bool needs_module(fault_kind kind) {
  return kind == fault_kind::kill_module || kind == fault_kind::pause_module
         || kind == fault_kind::slow_module;
}

bool needs_machine(fault_kind kind) {
  return kind == fault_kind::slow_sync || kind == fault_kind::step_clock;
}

fault_set possible_faults(bool with_modules, bool with_machine) {
  fault_set all;
  for (std::size_t i = 0; i < fault_kinds; ++i) {
    const auto kind = static_cast<fault_kind>(i);
    all[i] = (with_modules || !needs_module(kind))
             && (with_machine || !needs_machine(kind));
  }
  return all;
}

std::vector<fault> plan_faults(std::uint64_t seed, std::size_t kills,
                               fault_set possible) {
  dice random{seed};
  std::vector<fault> plan;
  const auto first = random.all_kinds();
  for (std::size_t drawn = 0, killed = 0; killed < kills; ++drawn) {
    const auto kind = drawn < first.size() ? first[drawn] : random.kind();
    const auto& shape = traits_of(kind);
    const auto after = random.between(0ms, longest_pause);
    const auto lasts = random.between(shape.shortest, shape.longest);
    const auto choice = random.below(fault_choices);
    if (!possible[static_cast<std::size_t>(kind)])
      continue;
    plan.push_back({kind, after, lasts, choice});
    killed += is_kill(kind) ? 1 : 0;
  }
  return plan;
}

} // namespace tidegate::harness
