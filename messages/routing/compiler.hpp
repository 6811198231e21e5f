#pragma once

#include "messages/routing/condition.hpp"
#include "messages/routing/syntax_tree.hpp"

#include <string_view>

namespace tidegate::routing {

/// Checks the types of `tree` (edge-hub spec 4.5, 4.8) and turns it into a
/// program. `source` is the text that the tree's offsets point into.
parsed<condition> compile(const syntax_tree& tree, std::string_view source,
                          std::vector<diagnostic> warnings);

} // namespace tidegate::routing
