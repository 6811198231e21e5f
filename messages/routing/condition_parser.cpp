#include "messages/routing/condition_parser.hpp"

#include "messages/message_head.hpp"
#include "messages/routing/binary_operator.hpp"
#include "messages/routing/limits.hpp"
#include "messages/routing/literal.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace tidegate::routing {

namespace {

using node_index = std::uint32_t;

/// Operators whose runs `a AND b AND c` are kept as one node.
bool makes_runs(operation op) {
  return op == operation::logical_and || op == operation::logical_or
         || op == operation::concat;
}

/// Recursive descent with precedence climbing. Any step may fail; then
/// `error_` is set, the step returns nothing and all callers return too.
class expression_parser {
public:
  expression_parser(token_stream& tokens, std::vector<diagnostic>& warnings)
    : tokens_{tokens}, warnings_{warnings} {}

  parsed<syntax_tree> run() {
    const auto root = binary(0);
    if (!root)
      return std::move(*error_);
    tree_.root = *root;
    return std::move(tree_);
  }

private:
  using step = std::optional<node_index>;

  step fail(diagnostic error) {
    error_ = std::move(error);
    return std::nullopt;
  }

  step add(syntax_node node) {
    for (const auto child : node.children)
      node.depth = std::max(node.depth, tree_.nodes[child].depth + 1);
    if (node.depth > max_depth)
      return fail(too_deep(node.offset));
    tree_.nodes.push_back(std::move(node));
    return static_cast<node_index>(tree_.nodes.size() - 1);
  }

  diagnostic too_deep(std::size_t offset) const {
    return tokens_.at(offset, "nested more than " + std::to_string(max_depth)
                                + " levels deep");
  }

  step binary(int least) {
    auto left = unary();
    while (left) {
      const auto found = find_binary(tokens_.peek().kind);
      if (!found || found->precedence < least)
        break;
      const auto offset = tokens_.take().offset;
      const auto right = binary(found->precedence + 1);
      if (!right)
        return right;
      left = join(found->op, offset, *left, *right);
    }
    return left;
  }

  step join(operation op, std::size_t offset, node_index left,
            node_index right) {
    auto& run = tree_.nodes[left];
    if (makes_runs(op) && run.kind == syntax_kind::operation && run.op == op) {
      run.children.push_back(right);
      run.depth = std::max(run.depth, tree_.nodes[right].depth + 1);
      if (run.depth > max_depth)
        return fail(too_deep(offset));
      return left;
    }
    return add({.kind = syntax_kind::operation,
                .op = op,
                .offset = offset,
                .text = {},
                .children = {left, right}});
  }

  step unary() {
    if (open_ == max_depth)
      return fail(too_deep(tokens_.peek().offset));
    ++open_;
    const auto result = at_prefix() ? prefix() : primary();
    --open_;
    return result;
  }

  bool at_prefix() const {
    return tokens_.at(token_kind::minus)
           || tokens_.at(token_kind::not_operator);
  }

  step prefix() {
    const auto sign = tokens_.take();
    const auto operand = unary();
    if (!operand)
      return operand;
    return add({.kind = syntax_kind::operation,
                .op = sign.kind == token_kind::minus ? operation::negate
                                                     : operation::logical_not,
                .offset = sign.offset,
                .text = {},
                .children = {*operand}});
  }

  step primary() {
    switch (tokens_.peek().kind) {
    case token_kind::open_parenthesis:
      return nested();
    case token_kind::open_brace:
      return escaped();
    case token_kind::identifier:
      return name_or_call();
    case token_kind::system_name:
      return named(syntax_kind::system_name);
    case token_kind::string:
    case token_kind::integer:
    case token_kind::hexadecimal:
    case token_kind::real:
    case token_kind::true_literal:
    case token_kind::false_literal:
    case token_kind::null_literal:
    case token_kind::undefined_literal:
      return literal();
    default:
      return fail(tokens_.unexpected("a value"));
    }
  }

  step nested() {
    const auto open = tokens_.take();
    const auto inner = binary(0);
    if (!inner)
      return inner;
    return close(open) ? inner : step{};
  }

  bool close(const token& open) {
    if (tokens_.at(token_kind::close_parenthesis)) {
      tokens_.take();
      return true;
    }
    const auto column = diagnose(tokens_.text(), open.offset, {}).column;
    fail(tokens_.unexpected("an operator or ')' for the '(' of column "
                            + std::to_string(column)));
    return false;
  }

  step escaped() {
    tokens_.take();
    if (!tokens_.at(token_kind::system_name))
      return fail(tokens_.unexpected("a system name such as '$messageId'"));
    const auto result = named(syntax_kind::escaped_name);
    if (!tokens_.at(token_kind::close_brace))
      return fail(tokens_.unexpected("'}'"));
    tokens_.take();
    return result;
  }

  step named(syntax_kind kind) {
    const auto name = tokens_.take();
    return add({.kind = kind,
                .offset = name.offset,
                .text = std::string{name.text.substr(1)},
                .children = {}});
  }

  step name_or_call() {
    const auto name = tokens_.take();
    if (tokens_.at(token_kind::open_parenthesis))
      return call(name);
    warn_about(name);
    return add({.kind = syntax_kind::user_name,
                .offset = name.offset,
                .text = std::string{name.text},
                .children = {}});
  }

  void warn_about(const token& name) {
    constexpr std::array literals{"true", "false", "null", "undefined"};
    for (const auto* literal : literals)
      if (equal_without_case(name.text, literal))
        warnings_.push_back(tokens_.at(
          name.offset, quote(name.text)
                         + " is read as a property name; the literal is "
                           "written in lower case"));
  }

  step call(const token& name) {
    const auto open = tokens_.take();
    syntax_node node{.kind = syntax_kind::call,
                     .offset = name.offset,
                     .text = std::string{name.text},
                     .children = {}};
    while (!tokens_.at(token_kind::close_parenthesis)) {
      if (!node.children.empty()) {
        if (!tokens_.at(token_kind::comma))
          break;
        tokens_.take();
      }
      const auto argument = binary(0);
      if (!argument)
        return argument;
      node.children.push_back(*argument);
    }
    if (!close(open))
      return std::nullopt;
    return add(std::move(node));
  }

  step literal() {
    const auto found = tokens_.take();
    syntax_node node{.offset = found.offset, .text = {}, .children = {}};
    switch (found.kind) {
    case token_kind::string:
      node.kind = syntax_kind::string_literal;
      node.text = string_value(found.text);
      break;
    case token_kind::true_literal:
    case token_kind::false_literal:
      node.kind = syntax_kind::bool_literal;
      node.number = found.kind == token_kind::true_literal ? 1 : 0;
      break;
    case token_kind::null_literal:
      node.kind = syntax_kind::null_literal;
      break;
    case token_kind::undefined_literal:
      node.kind = syntax_kind::undefined_literal;
      break;
    default: {
      const auto value = number_value(found);
      if (!value)
        return fail(tokens_.at(
          found.offset, quote(found.text)
                          + " is read as a number but has no value; a "
                            "property of this name cannot be used here"));
      node.kind = syntax_kind::number_literal;
      node.number = *value;
    }
    }
    return add(std::move(node));
  }

  token_stream& tokens_;
  std::vector<diagnostic>& warnings_;
  syntax_tree tree_;
  std::size_t open_ = 0;
  std::optional<diagnostic> error_;
};

} // namespace

parsed<syntax_tree> parse_expression(token_stream& tokens,
                                     std::vector<diagnostic>& warnings) {
  return expression_parser{tokens, warnings}.run();
}

} // namespace tidegate::routing
