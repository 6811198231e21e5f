#include "messages/iothub/event_selector.hpp"

#include <algorithm>
#include <charconv>

namespace tidegate {

namespace {

constexpr std::string_view blanks = " \t\r\n";

void skip_blanks(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
}

bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word))
    return false;
  text.remove_prefix(word.size());
  return true;
}

/// The rest of the text without quotes around it; empty when it has only one.
std::string_view quoted(std::string_view text) {
  while (!text.empty() && blanks.find(text.back()) != std::string_view::npos)
    text.remove_suffix(1);
  const bool opens = take(text, "'");
  const bool closes = text.ends_with('\'');
  if (closes)
    text.remove_suffix(1);
  return opens == closes ? text : std::string_view{};
}

} // namespace

std::optional<event_position> parse_event_selector(std::string_view text) {
  using kind = event_position::kind;
  skip_blanks(text);
  if (text.empty())
    return event_position{};
  if (!take(text, "amqp.annotation.x-opt-"))
    return std::nullopt;
  event_position found;
  if (take(text, "enqueued-time"))
    found.is = kind::after_time;
  else if (!take(text, "offset") && !take(text, "sequence-number"))
    return std::nullopt;
  skip_blanks(text);
  if (!take(text, ">"))
    return std::nullopt;
  const bool inclusive = take(text, "=");
  skip_blanks(text);
  const auto word = quoted(text);
  if (word == "@latest" && found.is == kind::after_number)
    return event_position{kind::end, 0};
  const auto* const end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, found.value);
  if (error != std::errc{} || stop != end)
    return std::nullopt;
  if (inclusive && found.value > 0)
    --found.value;
  else if (inclusive)
    found.value = -1;
  return found;
}

} // namespace tidegate
