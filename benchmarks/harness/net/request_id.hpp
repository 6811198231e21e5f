#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tidegate::harness {

/// What follows `$rid=` in a topic (edge-hub spec 1.11); empty without one.
inline std::string_view request_id(std::string_view topic) {
  constexpr std::string_view mark = "/?$rid=";
  const auto at = topic.find(mark);
  return at == std::string_view::npos ? std::string_view{}
                                      : topic.substr(at + mark.size());
}

/// The same as a number; nothing when it is none.
inline std::optional<std::uint64_t> request_number(std::string_view topic) {
  const auto text = request_id(topic);
  std::uint64_t number = 0;
  const auto read
    = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size())
    return {};
  return number;
}

} // namespace tidegate::harness
