#include "messages/routing/comparison.hpp"

#include "messages/routing/code_units.hpp"

#include <cmath>
#include <compare>

namespace tidegate::routing {

namespace {

truth holds(relation how, std::partial_ordering order) {
  switch (how) {
  case relation::equal:
    return to_truth(std::is_eq(order));
  case relation::not_equal:
    return to_truth(std::is_neq(order));
  case relation::less:
    return to_truth(std::is_lt(order));
  case relation::less_equal:
    return to_truth(std::is_lteq(order));
  case relation::greater:
    return to_truth(std::is_gt(order));
  case relation::greater_equal:
    return to_truth(std::is_gteq(order));
  }
  return truth::undefined;
}

truth compare_text(relation how, std::string_view left,
                   std::string_view right) {
  if (how == relation::equal)
    return to_truth(left == right);
  if (how == relation::not_equal)
    return to_truth(left != right);
  return holds(how, compare_code_units(left, right));
}

} // namespace

truth compare(relation how, truth left, truth right) {
  if (left == truth::undefined || right == truth::undefined)
    return truth::undefined;
  return holds(how, left <=> right);
}

truth compare(relation how, double left, double right) {
  if (std::isnan(left) || std::isnan(right))
    return truth::undefined;
  return holds(how, left <=> right);
}

truth compare(relation how, text_value left, text_value right) {
  if (!left.present() || !right.present())
    return truth::undefined;
  return compare_text(how, left.view, right.view);
}

truth compare(relation how, const body_value& left, const body_value& right) {
  using kind = body_value::kind;
  if (left.is == kind::undefined || right.is == kind::undefined)
    return truth::undefined;
  if (left.is != right.is)
    return holds(how, left.is <=> right.is);
  switch (left.is) {
  case kind::boolean:
    return holds(how, left.boolean <=> right.boolean);
  case kind::number:
    return compare(how, left.number, right.number);
  case kind::string:
    return compare_text(how, left.string, right.string);
  default:
    return holds(how, std::strong_ordering::equal);
  }
}

} // namespace tidegate::routing
