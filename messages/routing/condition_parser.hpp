#pragma once

#include "messages/routing/diagnostic.hpp"
#include "messages/routing/syntax_tree.hpp"
#include "messages/routing/token_stream.hpp"

#include <vector>

namespace tidegate::routing {

/// Reads one expression (edge-hub spec 4.4) off `tokens` and stops at the
/// first token that cannot continue it. Adds to `warnings` what looks like a
/// mistake but is legal.
parsed<syntax_tree> parse_expression(token_stream& tokens,
                                     std::vector<diagnostic>& warnings);

} // namespace tidegate::routing
