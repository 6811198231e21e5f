#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidegate::deployment {

/// Which of a module's lines are wanted (edge-agent spec 7).
struct log_filter {
  std::optional<std::size_t> tail;
  /// Milliseconds since 1970.
  std::optional<std::int64_t> since, until;
  /// Lines at or below this level: 0 is the most serious, 7 the least.
  std::optional<int> level;
  std::string expression; ///< RE2; empty: any line

  bool operator==(const log_filter&) const = default;
};

/// Which modules, and of these which lines.
struct log_item {
  std::string id; ///< `all`, or an expression that is looked for in the name
  log_filter filter;
};

enum class log_encoding { none, gzip };
enum class log_content { text, json };

struct log_request {
  std::vector<log_item> items;
  log_encoding encoding = log_encoding::none;
  log_content content = log_content::text;
};

/// Items of one request, and bytes of an expression.
inline constexpr std::size_t most_log_items = 100;
inline constexpr std::size_t longest_expression = 1024;

} // namespace tidegate::deployment
