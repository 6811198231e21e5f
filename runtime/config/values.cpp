#include "runtime/config/values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <numeric>
#include <utility>

namespace tidegate {

namespace {

struct quantity {
  std::int64_t number;
  std::string_view unit;
};

std::optional<quantity> split_quantity(std::string_view text) {
  quantity result{};
  const auto [end, error]
    = std::from_chars(text.data(), text.data() + text.size(), result.number);
  if (error != std::errc{})
    return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  while (text.starts_with(' '))
    text.remove_prefix(1);
  result.unit = text;
  return result;
}

using units = std::array<std::pair<std::string_view, std::int64_t>, 9>;

std::optional<std::int64_t> scaled(std::string_view text, const units& known) {
  const auto parts = split_quantity(text);
  if (!parts)
    return std::nullopt;
  for (const auto& [unit, factor] : known) {
    if (unit != parts->unit || factor == 0)
      continue;
    if (parts->number > std::numeric_limits<std::int64_t>::max() / factor)
      return std::nullopt;
    return parts->number * factor;
  }
  return std::nullopt;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    auto diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const auto change = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = std::exchange(row[j + 1],
                               std::min({change, row[j] + 1, row[j + 1] + 1}));
    }
  }
  return row.back();
}

} // namespace

std::optional<std::int64_t> parse_size(std::string_view text) {
  static constexpr units known{{{"", 1},
                                {"B", 1},
                                {"KiB", 1 << 10},
                                {"MiB", 1 << 20},
                                {"GiB", 1 << 30},
                                {"TiB", std::int64_t{1} << 40}}};
  const auto size = scaled(text, known);
  return size && *size >= 0 ? size : std::nullopt;
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  if (text == "-1")
    return std::chrono::milliseconds{-1};
  static constexpr units known{{{"ms", 1},
                                {"s", 1000},
                                {"m", 60'000},
                                {"h", 3'600'000},
                                {"d", 86'400'000}}};
  const auto count = scaled(text, known);
  if (!count || *count < 0)
    return std::nullopt;
  return std::chrono::milliseconds{*count};
}

std::optional<std::chrono::minutes> parse_time_of_day(std::string_view text) {
  const auto number = [&](std::size_t at, unsigned most) {
    unsigned value = most + 1;
    const auto* first = text.data() + at;
    const auto [end, failed] = std::from_chars(first, first + 2, value);
    return end == first + 2 && value <= most ? std::optional{value}
                                             : std::nullopt;
  };
  if (text.size() != 5 || text[2] != ':')
    return std::nullopt;
  const auto hours = number(0, 23);
  const auto minutes = number(3, 59);
  if (!hours || !minutes)
    return std::nullopt;
  return std::chrono::minutes{*hours * 60 + *minutes};
}

std::optional<listen_address> parse_listen_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0)
    return std::nullopt;
  auto host = text.substr(0, colon);
  const auto digits = text.substr(colon + 1);
  listen_address result;
  const auto [end, error] = std::from_chars(
    digits.data(), digits.data() + digits.size(), result.port);
  if (error != std::errc{} || end != digits.data() + digits.size())
    return std::nullopt;
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  result.host = host;
  return result;
}

std::string to_string(const listen_address& address) {
  const auto bare = address.host.find(':') == std::string::npos;
  return (bare ? address.host : '[' + address.host + ']') + ':'
         + std::to_string(address.port);
}

std::optional<std::string> nearest(std::string_view name,
                                   const std::vector<std::string>& known) {
  std::optional<std::string> best;
  auto least = std::max<std::size_t>(3, name.size() / 2);
  for (const auto& candidate : known) {
    if (const auto d = edit_distance(name, candidate); d < least) {
      least = d;
      best = candidate;
    }
  }
  return best;
}

} // namespace tidegate
