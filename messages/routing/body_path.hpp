#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace tidegate::routing {

/// One step into a JSON document: `name`, or `name[index]`.
struct body_step {
  std::string name;
  std::optional<std::uint32_t> index;

  auto operator<=>(const body_step&) const = default;
};

/// The way to a value in a message body (edge-hub spec 4.7).
using body_path = std::vector<body_step>;

/// A path as a condition asks for it. Where many conditions are asked about
/// one message, equal paths share a number, so that each is followed once.
struct body_query {
  static constexpr std::uint32_t not_shared = ~std::uint32_t{0};

  body_path path;
  std::uint32_t number = not_shared;
};

/// What is wrong with a path: a sentence, and the byte where.
struct body_path_error {
  std::size_t offset = 0;
  std::string text;
};

/// Reads what follows `$body.`: steps joined by dots.
std::variant<body_path, body_path_error> parse_body_path(std::string_view text);

/// True for a system name (without its `$`) that is a body query.
bool is_body_query(std::string_view name);

/// Length of the `body.` in front of a body query's path.
inline constexpr std::size_t body_prefix_size = 5;

} // namespace tidegate::routing
