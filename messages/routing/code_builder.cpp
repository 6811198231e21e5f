#include "messages/routing/code_builder.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace tidegate::routing {

namespace {

template <class List>
std::uint32_t size32(const List& list) {
  return static_cast<std::uint32_t>(list.size());
}

} // namespace

operand code_builder::emit(value_type type, instruction code, needs depends) {
  result_.code.push_back(code);
  return {type, size32(result_.code) - 1, depends, 0};
}

operand code_builder::apply(value_type type, opcode op, operand a,
                            std::optional<operand> b,
                            std::optional<operand> c) {
  auto depends = a.depends;
  instruction code{.op = op, .a = a.at};
  if (b) {
    code.b = b->at;
    depends = depends | b->depends;
  }
  if (c) {
    code.c = c->at;
    depends = depends | c->depends;
  }
  return emit(type, code, depends);
}

operand code_builder::apply_list(value_type type, opcode op,
                                 std::span<const operand> items) {
  const instruction code{
    .op = op, .a = size32(result_.lists), .b = size32(items)};
  auto depends = needs::nothing;
  for (const auto& item : items) {
    result_.lists.push_back(item.at);
    depends = depends | item.depends;
  }
  return emit(type, code, depends);
}

operand code_builder::join_text(std::span<const operand> parts) {
  std::vector<operand> left;
  for (const auto& part : parts)
    left.push_back(as_string(part));
  // In groups, and groups of groups, so that each byte is copied few times.
  while (left.size() > most_concat_parts) {
    std::vector<operand> groups;
    for (std::size_t i = 0; i < left.size(); i += most_concat_parts)
      groups.push_back(
        apply_list(value_type::string, opcode::concat,
                   std::span{left}.subspan(
                     i, std::min(most_concat_parts, left.size() - i))));
    left = std::move(groups);
  }
  return apply_list(value_type::string, opcode::concat, left);
}

operand code_builder::constant(truth value) {
  return emit(
    value_type::boolean,
    {.op = opcode::constant_truth, .a = static_cast<std::uint32_t>(value)},
    needs::nothing);
}

operand code_builder::constant(double value) {
  return emit(value_type::number,
              {.op = opcode::constant_number, .number = value}, needs::nothing);
}

std::uint32_t code_builder::add_text(std::string text) {
  result_.texts.push_back(std::move(text));
  return size32(result_.texts) - 1;
}

std::uint32_t code_builder::add_query(body_path path) {
  result_.queries.push_back({std::move(path)});
  return size32(result_.queries) - 1;
}

operand code_builder::as_truth(const operand& from) {
  switch (from.type) {
  case value_type::boolean:
    return from;
  case value_type::null:
    return constant(truth::no);
  case value_type::dynamic:
    return apply(value_type::boolean, opcode::dynamic_as_truth, from);
  default:
    return constant(truth::undefined);
  }
}

operand code_builder::as_number(const operand& from) {
  if (from.type == value_type::number)
    return from;
  return apply(value_type::number, opcode::dynamic_as_number, from);
}

operand code_builder::as_string(const operand& from) {
  if (from.type == value_type::string)
    return from;
  return apply(value_type::string, opcode::dynamic_as_string, from);
}

operand code_builder::as_dynamic(const operand& from) {
  constexpr auto dynamic = value_type::dynamic;
  switch (from.type) {
  case value_type::undefined:
    return emit(dynamic, {.op = opcode::dynamic_undefined}, needs::nothing);
  case value_type::null:
    return emit(dynamic, {.op = opcode::dynamic_null}, needs::nothing);
  case value_type::boolean:
    return apply(dynamic, opcode::truth_as_dynamic, from);
  case value_type::number:
    return apply(dynamic, opcode::number_as_dynamic, from);
  case value_type::string:
    return apply(dynamic, opcode::string_as_dynamic, from);
  case value_type::dynamic:
    break;
  }
  return from;
}

program code_builder::finish(const operand& root) && {
  result_.root = root.at;
  return std::move(result_);
}

} // namespace tidegate::routing
