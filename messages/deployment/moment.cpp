#include "messages/deployment/moment.hpp"

#include "messages/amqp/time_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace tidegate::deployment {

namespace {

constexpr std::int64_t second = 1000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;
/// Further away than anything that is logged, and far from an overflow.
constexpr std::int64_t longest = 10'000 * 366 * day;

struct unit {
  std::string_view name;
  std::int64_t milliseconds;
};

constexpr std::array<unit, 19> units{{
  {"s", second},       {"sec", second},     {"secs", second},
  {"second", second},  {"seconds", second}, {"m", minute},
  {"min", minute},     {"mins", minute},    {"minute", minute},
  {"minutes", minute}, {"h", hour},         {"hr", hour},
  {"hrs", hour},       {"hour", hour},      {"hours", hour},
  {"d", day},          {"day", day},        {"days", day},
  {"w", 7 * day},
}};

bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

void skip_blanks(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
}

/// A number at the front of `text`, which is cut off.
std::optional<std::int64_t> take_number(std::string_view& text) {
  std::int64_t value = 0;
  const auto [end, bad]
    = std::from_chars(text.data(), text.data() + text.size(), value);
  if (bad != std::errc{} || value < 0)
    return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

std::optional<std::int64_t> take_unit(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_letter);
  const auto name
    = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  const auto known = std::find_if(units.begin(), units.end(),
                                  [&](auto& it) { return it.name == name; });
  if (known == units.end())
    return std::nullopt;
  text.remove_prefix(name.size());
  return known->milliseconds;
}

/// `2 days 3h`, in milliseconds.
std::optional<std::int64_t> parse_span(std::string_view text) {
  std::int64_t sum = 0;
  do {
    skip_blanks(text);
    const auto count = take_number(text);
    skip_blanks(text);
    const auto each = count ? take_unit(text) : std::nullopt;
    if (!each || *count > longest / *each)
      return std::nullopt;
    sum = std::min(sum + *count * *each, longest);
    skip_blanks(text);
  } while (!text.empty());
  return sum;
}

} // namespace

std::optional<std::int64_t> parse_moment(std::string_view text,
                                         std::int64_t now) {
  if (const auto at = amqp::parse_time(text))
    return std::max<std::int64_t>(*at, 0);
  if (const auto span = parse_span(text))
    return std::max<std::int64_t>(now - *span, 0);
  auto rest = text;
  const auto seconds = take_number(rest);
  if (!seconds || !rest.empty() || *seconds > longest / second)
    return std::nullopt;
  return *seconds * second;
}

} // namespace tidegate::deployment
