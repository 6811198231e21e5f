#pragma once

#include "messages/routing/condition.hpp"
#include "messages/routing/diagnostic.hpp"
#include "messages/routing/sink.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tidegate::routing {

/// A route, read and checked (edge-hub spec 4.2).
struct route {
  std::string source; ///< as written, `/messages/*`
  std::string where;  ///< the condition's text; `true` when there is none
  condition filter;
  sink into;
  /// What looks like a mistake but is legal, such as text after the sink.
  std::vector<diagnostic> warnings;
};

/// Reads `[SELECT *] FROM source [WHERE condition] INTO sink`. Module inputs
/// belong to `edge_device`. The condition is compiled too: a type error is as
/// much an error as a syntax error.
parsed<route> parse_route(std::string_view text, std::string_view edge_device);

} // namespace tidegate::routing
