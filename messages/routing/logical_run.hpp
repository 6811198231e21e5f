#pragma once

#include "messages/routing/code_builder.hpp"

#include <optional>
#include <vector>

namespace tidegate::routing {

/// A run of operands joined by AND or by OR, folded from the left (edge-hub
/// spec 4.5, 4.6). Bools are collected and joined by one instruction; a null or
/// dynamic operand ends that.
class logical_run {
public:
  logical_run(code_builder& code, bool is_and) : code_{code}, is_and_{is_and} {}

  /// Joins another operand. The type that does not fit here, if one does not.
  std::optional<value_type> add(const operand& next);

  /// All that was added, at least one, as one operand.
  operand result();

private:
  void join(const operand& next);
  void join_null(const operand& next);
  void join_dynamic(const operand& next);
  void join_bool(const operand& next);

  code_builder& code_;
  bool is_and_;
  std::vector<operand> so_far_; ///< one of any type, or several bools
};

} // namespace tidegate::routing
