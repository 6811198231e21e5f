#include "messages/routing/route.hpp"

#include "messages/message_head.hpp"
#include "messages/routing/compiler.hpp"
#include "messages/routing/condition_parser.hpp"
#include "messages/routing/limits.hpp"
#include "messages/routing/literal.hpp"
#include "messages/routing/suggestion.hpp"
#include "messages/routing/token_stream.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace tidegate::routing {

namespace {

constexpr std::string_view module_sink = "BrokeredEndpoint";
constexpr std::string_view upstream_sink = "$upstream";
constexpr std::array<std::string_view, 2> known_sinks{upstream_sink,
                                                      module_sink};

std::string_view trim(std::string_view text, char what) {
  while (text.starts_with(what))
    text.remove_prefix(1);
  while (text.ends_with(what))
    text.remove_suffix(1);
  return text;
}

/// The module and input of `/modules/{module}/inputs/{input}`.
struct module_input {
  std::string_view module;
  std::string_view input;
};

/// Only the second and fourth of four parts count; one slash at either end is
/// allowed.
/// Whether a name can stand in the topic to the module.
bool fits_topic(std::string_view name) {
  return std::ranges::none_of(name, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return c == '#' || c == '+' || byte < ' ' || byte == 0x7f;
  });
}

std::optional<module_input> split_input(std::string_view path) {
  path = trim(path, ' ');
  if (path.starts_with('/'))
    path.remove_prefix(1);
  if (path.ends_with('/'))
    path.remove_suffix(1);
  std::array<std::string_view, 4> parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool last = i + 1 == parts.size();
    const auto slash = path.find('/');
    if (last != (slash == std::string_view::npos))
      return std::nullopt;
    parts[i] = path.substr(0, slash);
    path.remove_prefix(last ? path.size() : slash + 1);
  }
  if (parts[1].empty() || parts[3].empty())
    return std::nullopt;
  return module_input{parts[1], parts[3]};
}

class route_parser {
public:
  route_parser(std::string_view text, std::string_view edge_device)
    : tokens_{text}, edge_device_{edge_device} {}

  parsed<route> run() {
    auto source = head();
    if (!source)
      return source.error();
    auto where = filter();
    if (!where)
      return where.error();
    auto into = destination();
    if (!into)
      return into.error();
    if (!tokens_.at(token_kind::end))
      warnings_.push_back(
        tokens_.at(tokens_.peek().offset, "the text from here on is ignored"));
    warnings_.insert(warnings_.end(), tokens_.warnings().begin(),
                     tokens_.warnings().end());
    return route{std::move(*source), std::move(where_), std::move(*where),
                 std::move(*into), std::move(warnings_)};
  }

private:
  parsed<std::string> head() {
    if (tokens_.at(token_kind::select)) {
      tokens_.take();
      if (!tokens_.at(token_kind::star))
        return tokens_.unexpected("'*' behind SELECT");
      tokens_.take();
    }
    if (!tokens_.at(token_kind::from))
      return tokens_.unexpected("FROM");
    tokens_.take();
    return source();
  }

  parsed<std::string> source() {
    if (!tokens_.at(token_kind::slash))
      return tokens_.unexpected("a source, which starts with '/'");
    std::string text;
    while (tokens_.at(token_kind::slash)) {
      text += tokens_.take().text;
      if (!tokens_.at(token_kind::star) && !tokens_.at(token_kind::identifier))
        return tokens_.unexpected("'*' or a name in the source (it cannot be "
                                  "a number, a reserved word or a literal, or "
                                  "start with '$')");
      text += tokens_.take().text;
    }
    return text;
  }

  parsed<condition> filter() {
    if (!tokens_.at(token_kind::where)) {
      where_ = "true";
      if (!tokens_.at(token_kind::into))
        return tokens_.unexpected("'/', WHERE or INTO");
      return compile_condition(where_);
    }
    tokens_.take();
    const auto begin = tokens_.peek().offset;
    const auto tree = parse_expression(tokens_, warnings_);
    if (!tree)
      return tree.error();
    where_ = tokens_.text().substr(begin, tokens_.taken_to() - begin);
    if (!tokens_.at(token_kind::into))
      return tokens_.unexpected("an operator or INTO (operators need blanks "
                                "around them)");
    auto result = compile(*tree, tokens_.text(), {});
    if (result)
      warnings_.insert(warnings_.end(), result->warnings().begin(),
                       result->warnings().end());
    return result;
  }

  parsed<sink> destination() {
    tokens_.take(); // INTO
    const auto name = tokens_.peek();
    if (name.kind == token_kind::system_name) {
      if (!equal_without_case(name.text, upstream_sink))
        return unknown(name);
      tokens_.take();
      return sink{};
    }
    if (name.kind != token_kind::identifier)
      return tokens_.unexpected("$upstream or BrokeredEndpoint(...)");
    if (!equal_without_case(name.text, module_sink))
      return unknown(name);
    tokens_.take();
    return module_destination();
  }

  diagnostic unknown(const token& name) const {
    return tokens_.at(name.offset,
                      "there is no sink " + quote(name.text)
                        + did_you_mean(name.text, known_sinks)
                        + "; expected $upstream or BrokeredEndpoint(...)");
  }

  parsed<sink> module_destination() {
    if (!tokens_.at(token_kind::open_parenthesis))
      return tokens_.unexpected("'(' behind BrokeredEndpoint");
    tokens_.take();
    if (!tokens_.at(token_kind::string))
      return tokens_.unexpected("a string '/modules/{module}/inputs/{input}'");
    const auto literal = tokens_.take();
    const auto path = string_value(literal.text);
    const auto found = split_input(path);
    if (!found)
      return tokens_.at(literal.offset,
                        "expected '/modules/{module}/inputs/{input}', found "
                          + std::string{literal.text});
    if (!fits_topic(found->module) || !fits_topic(found->input))
      return tokens_.at(literal.offset,
                        "the names of module and input must have no '#', '+' "
                        "or control characters, which no topic can have");
    if (!tokens_.at(token_kind::close_parenthesis))
      return tokens_.unexpected("')'");
    tokens_.take();
    auto endpoint = std::string{edge_device_};
    endpoint.append("/").append(found->module);
    endpoint.append("/").append(found->input);
    return sink{sink::kind::module, std::move(endpoint)};
  }

  token_stream tokens_;
  std::string_view edge_device_;
  std::string where_;
  std::vector<diagnostic> warnings_;
};

} // namespace

parsed<route> parse_route(std::string_view text, std::string_view edge_device) {
  if (text.size() > max_text_size)
    return diagnostic{0, "the route is longer than "
                           + std::to_string(max_text_size) + " bytes"};
  return route_parser{text, edge_device}.run();
}

} // namespace tidegate::routing
