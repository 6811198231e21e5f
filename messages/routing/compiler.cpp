#include "messages/routing/compiler.hpp"

#include "messages/message_head.hpp"
#include "messages/routing/code_builder.hpp"
#include "messages/routing/evaluate.hpp"
#include "messages/routing/function_rules.hpp"
#include "messages/routing/operator_rules.hpp"
#include "messages/routing/scratch.hpp"

#include <optional>
#include <utility>

namespace tidegate::routing {

namespace {

class compiler {
public:
  compiler(const syntax_tree& tree, std::string_view source)
    : tree_{tree}, source_{source} {}

  parsed<condition> run(std::vector<diagnostic> warnings) {
    const auto result = visit(tree_.root);
    if (!result)
      return std::move(*error_);
    if (result->type == value_type::number
        || result->type == value_type::string)
      warnings.push_back(diagnose(source_, result->offset,
                                  "the condition is "
                                    + std::string{describe(result->type)}
                                    + ", not a bool, and thus never true"));
    const auto root = code_.as_truth(*result);
    auto code = std::move(code_).finish(root);
    std::optional<truth> constant;
    if (root.depends == needs::nothing)
      constant = evaluate_constant(code);
    return condition{std::move(code), has(root.depends, needs::payload),
                     has(root.depends, needs::message_id), constant,
                     std::move(warnings)};
  }

private:
  using step = std::optional<operand>;

  step fail(std::size_t offset, std::string text) {
    error_ = diagnose(source_, offset, std::move(text));
    return std::nullopt;
  }

  step visit(std::uint32_t index) {
    const auto& node = tree_.nodes[index];
    auto result = translate(node);
    if (result)
      result->offset = node.offset;
    return result;
  }

  step translate(const syntax_node& node) {
    switch (node.kind) {
    case syntax_kind::undefined_literal:
      return operand{.type = value_type::undefined};
    case syntax_kind::null_literal:
      return operand{.type = value_type::null};
    case syntax_kind::bool_literal:
      return code_.constant(to_truth(node.number != 0));
    case syntax_kind::number_literal:
      return code_.constant(node.number);
    case syntax_kind::string_literal:
      return text_instruction(opcode::constant_string, node.text,
                              needs::nothing);
    case syntax_kind::user_name:
      return text_instruction(opcode::user_property, node.text, needs::head);
    case syntax_kind::system_name:
    case syntax_kind::escaped_name:
      return is_body_query(node.text) ? body_query(node) : system_name(node);
    case syntax_kind::operation:
    case syntax_kind::call:
      return combine(node);
    }
    return std::nullopt;
  }

  operand text_instruction(opcode op, std::string text, needs depends) {
    return code_.emit(value_type::string,
                      {.op = op, .a = code_.add_text(std::move(text))},
                      depends);
  }

  operand system_name(const syntax_node& node) {
    const bool escaped = node.kind == syntax_kind::escaped_name;
    if (equal_without_case(node.text, "edgeMessageId"))
      return text_instruction(escaped ? opcode::message_id
                                      : opcode::any_message_id,
                              '$' + node.text, needs::head | needs::message_id);
    if (equal_without_case(node.text, "edgeHubOriginInterface"))
      return text_instruction(escaped ? opcode::origin : opcode::any_origin,
                              '$' + node.text, needs::head);
    if (escaped)
      return text_instruction(opcode::system_property, node.text, needs::head);
    const auto literal = code_.add_text('$' + node.text);
    return code_.emit(value_type::string,
                      {.op = opcode::any_property,
                       .a = literal,
                       .b = code_.add_text(node.text)},
                      needs::head);
  }

  step body_query(const syntax_node& node) {
    auto path
      = parse_body_path(std::string_view{node.text}.substr(body_prefix_size));
    if (const auto* error = std::get_if<body_path_error>(&path))
      return fail(node.offset + 1 + body_prefix_size + error->offset,
                  error->text);
    const auto at = code_.add_query(std::get<body_path>(std::move(path)));
    constexpr auto depends = needs::head | needs::payload;
    if (node.kind == syntax_kind::escaped_name)
      return code_.emit(value_type::dynamic, {.op = opcode::body, .a = at},
                        depends);
    return code_.emit(value_type::dynamic,
                      {.op = opcode::body_or_property,
                       .a = at,
                       .b = code_.add_text('$' + node.text)},
                      depends);
  }

  step combine(const syntax_node& node) {
    std::vector<operand> operands;
    for (const auto child : node.children) {
      const auto operand = visit(child);
      if (!operand)
        return operand;
      operands.push_back(*operand);
    }
    auto result = node.kind == syntax_kind::call
                    ? apply_function(code_, node.text, operands)
                    : apply_operator(code_, node.op, operands);
    if (const auto* error = std::get_if<type_error>(&result))
      return fail(node.offset, error->text);
    return std::get<operand>(result);
  }

  const syntax_tree& tree_;
  std::string_view source_;
  code_builder code_;
  std::optional<diagnostic> error_;
};

} // namespace

parsed<condition> compile(const syntax_tree& tree, std::string_view source,
                          std::vector<diagnostic> warnings) {
  return compiler{tree, source}.run(std::move(warnings));
}

} // namespace tidegate::routing
