#include "messages/routing/binary_operator.hpp"

namespace tidegate::routing {

std::optional<binary_operator> find_binary(token_kind kind) {
  switch (kind) {
  case token_kind::coalesce:
    return binary_operator{operation::coalesce, 1};
  case token_kind::or_operator:
    return binary_operator{operation::logical_or, 2};
  case token_kind::and_operator:
    return binary_operator{operation::logical_and, 3};
  case token_kind::equal:
    return binary_operator{operation::equal, 4};
  case token_kind::not_equal:
    return binary_operator{operation::not_equal, 4};
  case token_kind::less:
    return binary_operator{operation::less, 5};
  case token_kind::less_equal:
    return binary_operator{operation::less_equal, 5};
  case token_kind::greater:
    return binary_operator{operation::greater, 5};
  case token_kind::greater_equal:
    return binary_operator{operation::greater_equal, 5};
  case token_kind::plus:
    return binary_operator{operation::add, 6};
  case token_kind::minus:
    return binary_operator{operation::subtract, 6};
  case token_kind::concat:
    return binary_operator{operation::concat, 6};
  case token_kind::star:
    return binary_operator{operation::multiply, 7};
  case token_kind::slash:
    return binary_operator{operation::divide, 7};
  case token_kind::percent:
    return binary_operator{operation::modulo, 7};
  default:
    return std::nullopt;
  }
}

} // namespace tidegate::routing
