#pragma once

#include "messages/deployment/field_reader.hpp"

#include <boost/json/object.hpp>

namespace tidegate::deployment {

/// Parts that `createOptions` may be split into, and how long a written part
/// is (edge-agent spec 1.6).
inline constexpr std::size_t most_parts = 100;
inline constexpr std::size_t part_size = 512;

/// Joins `createOptions`, `createOptions01`, ... of a module's settings. A
/// gap, or a first part with a number, is an error and gives nothing.
std::optional<std::string> join_create_options(const field_reader& settings);

/// `join_create_options`, parsed. Blank or missing text and `null` mean `{}`.
boost::json::object read_create_options(const field_reader& settings);

/// Writes `text` into as many parts of `settings` as it needs. False when it
/// needs more than there may be; `settings` then has the parts that fit.
bool split_create_options(std::string_view text, boost::json::object& settings);

} // namespace tidegate::deployment
