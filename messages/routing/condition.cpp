#include "messages/routing/condition.hpp"

#include "messages/routing/compiler.hpp"
#include "messages/routing/condition_parser.hpp"
#include "messages/routing/limits.hpp"

#include <utility>

namespace tidegate::routing {

condition::condition(program code, bool needs_body, bool needs_message_id,
                     std::optional<truth> constant,
                     std::vector<diagnostic> warnings)
  : code_{std::move(code)}, needs_body_{needs_body},
    needs_message_id_{needs_message_id}, constant_{constant}, warnings_{
                                                                std::move(
                                                                  warnings)} {}

void condition::number_queries(std::map<body_path, std::uint32_t>& numbers) {
  for (auto& query : code_.queries)
    query.number
      = numbers
          .try_emplace(query.path, static_cast<std::uint32_t>(numbers.size()))
          .first->second;
}

parsed<condition> compile_condition(std::string_view text) {
  if (text.size() > max_text_size)
    return diagnostic{0, "the condition is longer than "
                           + std::to_string(max_text_size) + " bytes"};
  token_stream tokens{text};
  std::vector<diagnostic> warnings;
  if (tokens.at(token_kind::end))
    return compile({.nodes = {{.text = {}, .children = {}}}, .root = 0}, text,
                   std::move(warnings));
  const auto tree = parse_expression(tokens, warnings);
  if (!tree)
    return tree.error();
  if (tokens.at(token_kind::bad))
    return tokens.unexpected("an operator or the end of the condition");
  if (!tokens.at(token_kind::end))
    warnings.push_back(
      tokens.at(tokens.peek().offset, "the text from here on is ignored"));
  warnings.insert(warnings.end(), tokens.warnings().begin(),
                  tokens.warnings().end());
  return compile(*tree, text, std::move(warnings));
}

} // namespace tidegate::routing
