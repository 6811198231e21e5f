#include "messages/routing/body_path.hpp"

#include "messages/message_head.hpp"

#include <algorithm>
#include <charconv>

namespace tidegate::routing {

namespace {

/// The index between `[` and `]`; nothing when it is no 32-bit number.
std::optional<std::uint32_t> read_index(std::string_view digits) {
  std::uint32_t value = 0;
  const auto* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (digits.empty() || stop != end || error != std::errc{})
    return std::nullopt;
  return value;
}

std::variant<body_step, body_path_error> read_step(std::string_view text) {
  const auto open = std::min(text.find_first_of("[]"), text.size());
  if (open == 0)
    return body_path_error{0, "a body path needs a name here"};
  body_step step{std::string{text.substr(0, open)}, std::nullopt};
  if (open == text.size())
    return step;
  if (text[open] == ']' || text.back() != ']')
    return body_path_error{open, "a body path's index is written '[number]' "
                                 "and ends its step"};
  step.index = read_index(text.substr(open + 1, text.size() - open - 2));
  if (!step.index)
    return body_path_error{open + 1,
                           "a body path's index must be a decimal number"};
  return step;
}

} // namespace

std::variant<body_path, body_path_error>
parse_body_path(std::string_view text) {
  body_path path;
  std::size_t from = 0;
  for (;;) {
    const auto dot = std::min(text.find('.', from), text.size());
    auto step = read_step(text.substr(from, dot - from));
    if (auto* error = std::get_if<body_path_error>(&step)) {
      error->offset += from;
      return std::move(*error);
    }
    path.push_back(std::get<body_step>(std::move(step)));
    if (dot == text.size())
      return path;
    from = dot + 1;
  }
}

bool is_body_query(std::string_view name) {
  return name.size() >= body_prefix_size
         && equal_without_case(name.substr(0, body_prefix_size), "body.");
}

} // namespace tidegate::routing
