#include "messages/routing/logical_run.hpp"

#include <algorithm>

namespace tidegate::routing {

namespace {

using enum value_type;

bool is_logical(value_type type) {
  return type == boolean || type == null || type == undefined;
}

} // namespace

std::optional<value_type> logical_run::add(const operand& next) {
  if (so_far_.empty()) {
    so_far_.push_back(next);
    return std::nullopt;
  }
  const auto left = so_far_.front().type;
  if (left != dynamic && !is_logical(left))
    return left;
  if (left != dynamic && next.type != dynamic && !is_logical(next.type))
    return next.type;
  join(next);
  return std::nullopt;
}

operand logical_run::result() {
  if (so_far_.size() == 1)
    return so_far_.front();
  // What the head decides comes first: often the payload is not needed.
  std::stable_partition(so_far_.begin(), so_far_.end(), [](const auto& x) {
    return !has(x.depends, needs::payload | needs::message_id);
  });
  return code_.apply_list(boolean, is_and_ ? opcode::all_of : opcode::any_of,
                          so_far_);
}

void logical_run::join(const operand& next) {
  const auto left = so_far_.front().type;
  if (left == null || (next.type == null && left != dynamic))
    join_null(next);
  else if (left == dynamic || next.type == dynamic)
    join_dynamic(next);
  else
    join_bool(next);
}

/// `null AND x` is null; `null OR x` is x.
void logical_run::join_null(const operand& next) {
  const bool left_is_null = so_far_.front().type == null;
  if (is_and_)
    so_far_ = {left_is_null ? so_far_.front() : next};
  else if (left_is_null)
    so_far_ = {next.type == null ? next : code_.as_truth(next)};
}

void logical_run::join_dynamic(const operand& next) {
  const auto op = is_and_ ? opcode::both_dynamic : opcode::either_dynamic;
  so_far_ = {code_.apply(boolean, op, code_.as_dynamic(result()),
                         code_.as_dynamic(next))};
}

void logical_run::join_bool(const operand& next) {
  so_far_.front() = code_.as_truth(so_far_.front());
  so_far_.push_back(code_.as_truth(next));
}

} // namespace tidegate::routing
