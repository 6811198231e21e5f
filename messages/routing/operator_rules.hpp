#pragma once

#include "messages/routing/code_builder.hpp"
#include "messages/routing/syntax_tree.hpp"

#include <span>
#include <string>
#include <variant>

namespace tidegate::routing {

/// Why operands do not fit: a sentence.
struct type_error {
  std::string text;
};

using typed = std::variant<operand, type_error>;

/// The operators of edge-hub spec 4.5: checks the types of `operands` and adds
/// the code. Prefix operators take one operand; AND, OR and concat take a run
/// of two or more, all others two. Where the reference rejects a dynamic
/// operand for no reason (right of AND and OR, with `%`, behind `-`), it is
/// accepted.
typed apply_operator(code_builder& code, operation op,
                     std::span<const operand> operands);

/// ` (...)` with what to write instead when a value of type `given` stands
/// where `wanted` belongs; empty when there is nothing to say.
std::string conversion_hint(value_type given, value_type wanted);

} // namespace tidegate::routing
