#pragma once

#include "messages/routing/syntax_tree.hpp"
#include "messages/routing/token.hpp"

#include <optional>

namespace tidegate::routing {

/// An operator between two operands (edge-hub spec 4.4). All of them are left
/// associative.
struct binary_operator {
  operation op;
  int precedence; ///< higher binds tighter
};

/// The binary operator that a token is, if it is one.
std::optional<binary_operator> find_binary(token_kind kind);

} // namespace tidegate::routing
