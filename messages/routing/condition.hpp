#pragma once

#include "messages/routing/diagnostic.hpp"
#include "messages/routing/program.hpp"
#include "messages/routing/value.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

namespace tidegate::routing {

/// A condition that passed all checks, ready to be evaluated any number of
/// times. Immutable; safe to share between threads.
class condition {
public:
  /// What the compiler made; call `compile_condition` instead.
  condition(program code, bool needs_body, bool needs_message_id,
            std::optional<truth> constant, std::vector<diagnostic> warnings);

  /// True when the result can depend on the payload.
  bool needs_body() const { return needs_body_; }
  /// True when the result can differ between two messages with one head:
  /// it needs the payload or the message's own `edgeMessageId`.
  bool per_message() const { return needs_body_ || needs_message_id_; }
  /// The result, when it is the same for every message.
  std::optional<truth> constant() const { return constant_; }
  /// What looks like a mistake but is legal.
  const std::vector<diagnostic>& warnings() const { return warnings_; }
  const program& code() const { return code_; }
  /// Numbers the body queries: `numbers` has those given so far, and new paths
  /// get the next ones. Do this before sharing the condition.
  void number_queries(std::map<body_path, std::uint32_t>& numbers);

private:
  program code_;
  bool needs_body_;
  bool needs_message_id_;
  std::optional<truth> constant_;
  std::vector<diagnostic> warnings_;
};

/// Compiles a condition that stands alone (edge-hub spec 4.3 to 4.8). Text
/// after the expression is ignored with a warning; an empty text is the
/// condition that is always undefined.
///
/// Three things are better than in the reference, on purpose: `is_null` of a
/// body value is true for JSON null and for a path that leads nowhere, and for
/// nothing else; a body value may stand right of AND and OR, with `%`, and
/// behind `-`; a type error is found here and not when routes are put to use.
parsed<condition> compile_condition(std::string_view text);

} // namespace tidegate::routing
