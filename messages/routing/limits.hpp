#pragma once

#include <cstddef>

namespace tidegate::routing {

/// Longest route or condition text, in bytes.
inline constexpr std::size_t max_text_size = std::size_t{32} * 1024;

/// Most tokens in one route or condition.
inline constexpr std::size_t max_tokens = 8192;

/// Deepest nesting of an expression: parentheses, calls, prefix operators and
/// runs of one arithmetic or comparison operator. Runs of AND, OR and concat
/// do not count. Bounds the stack that parsing and evaluating need.
inline constexpr std::size_t max_depth = 100;

/// Bytes of text that functions may hold at once while one condition is
/// evaluated. A function that needs more yields undefined.
inline constexpr std::size_t max_scratch_size = std::size_t{4} * 1024 * 1024;

/// Deepest nesting of a JSON body that body queries look into. A deeper body
/// is undefined to them.
inline constexpr std::size_t max_body_depth = 64;

} // namespace tidegate::routing
