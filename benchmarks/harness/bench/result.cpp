#include "benchmarks/harness/bench/result.hpp"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cmath>
#include <cstdio>

namespace tidegate::harness {

namespace {

struct scale {
  double from;
  const char* suffix;
};

/// `value` in the largest of `scales` that leaves it at 1 or more, with three
/// digits.
template <std::size_t N>
std::string scaled(double value, const std::array<scale, N>& scales) {
  auto chosen = scales.back();
  for (const auto& one : scales)
    if (std::abs(value) >= one.from) {
      chosen = one;
      break;
    }
  const auto shown = value / chosen.from;
  const int decimals = std::abs(shown) >= 100  ? 0
                       : std::abs(shown) >= 10 ? 1
                                               : 2;
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f %s", decimals, shown,
                chosen.suffix);
  return text.data();
}

constexpr std::array<scale, 3> rates{{{1e6, "M/s"}, {1e3, "k/s"}, {1, "/s"}}};
constexpr std::array<scale, 4> times{
  {{1, "s"}, {1e-3, "ms"}, {1e-6, "us"}, {1e-9, "ns"}}};
constexpr std::array<scale, 4> sizes{{{1024.0 * 1024 * 1024, "GiB"},
                                      {1024.0 * 1024, "MiB"},
                                      {1024.0, "KiB"},
                                      {1, "B"}}};

/// A key as words, without the unit that `readable` shows anyway.
std::string label(std::string key) {
  for (const std::string_view suffix : {"_seconds", "_bytes"})
    if (key.ends_with(suffix))
      key.resize(key.size() - suffix.size());
  std::replace(key.begin(), key.end(), '_', ' ');
  return key;
}

double in_seconds(histogram::duration value) {
  return std::chrono::duration<double>(value).count();
}

} // namespace

void bench_result::add_latency(const std::string& key, const histogram& from) {
  if (from.count() == 0)
    return;
  static constexpr std::array<std::pair<const char*, double>, 4> shown{
    {{"p50", 50}, {"p90", 90}, {"p99", 99}, {"p999", 99.9}}};
  for (const auto& [name, percent] : shown)
    add(key + "_" + name + "_seconds", in_seconds(from.percentile(percent)),
        unit::seconds);
  add(key + "_max_seconds", in_seconds(from.max()), unit::seconds);
}

std::string readable(const figure& shown) {
  switch (shown.in) {
  case unit::per_second:
    return scaled(shown.value, rates);
  case unit::seconds:
    return scaled(shown.value, times);
  case unit::bytes:
    return scaled(shown.value, sizes);
  case unit::number:
    break;
  }
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.10g", shown.value);
  return text.data();
}

std::string as_table(const bench_result& result) {
  std::size_t width = 0;
  for (const auto& one : result.figures)
    width = std::max(width, label(one.key).size());
  std::string text;
  for (const auto& one : result.figures) {
    const auto name = label(one.key);
    const auto value = readable(one);
    text += name + std::string(width + 2 - name.size(), ' ');
    text += std::string(12 - std::min<std::size_t>(12, value.size()), ' ');
    text += value + "\n";
  }
  for (const auto& one : result.faults)
    text += "FAULT: " + one + "\n";
  return text;
}

std::string as_json(const bench_result& result) {
  boost::json::object object;
  for (const auto& one : result.figures)
    if (one.in == unit::number && one.value == std::floor(one.value))
      object[one.key] = static_cast<std::int64_t>(one.value);
    else
      object[one.key] = one.value;
  boost::json::array faults;
  for (const auto& one : result.faults)
    faults.emplace_back(one);
  object["faults"] = std::move(faults);
  return boost::json::serialize(object);
}

} // namespace tidegate::harness
