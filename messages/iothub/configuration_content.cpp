#include "messages/iothub/configuration_content.hpp"

#include "messages/iothub/identity_document.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace tidegate {

namespace json = boost::json;

namespace {

constexpr std::string_view desired = "properties.desired";
constexpr int deepest_path = 10; // as deep as a twin may be

const json::object* object_at(const json::object& in, std::string_view key) {
  const auto* const value = in.if_contains(key);
  return value ? value->if_object() : nullptr;
}

/// `{"a":{"b":value}}` of the path `a.b`; nothing for an empty name.
std::optional<json::object> below(std::string_view path, json::value value,
                                  int depth = 0) {
  const auto dot = path.find('.');
  const auto name = path.substr(0, dot);
  if (name.empty() || depth == deepest_path)
    return std::nullopt;
  if (dot == std::string_view::npos)
    return json::object{{name, std::move(value)}};
  auto inner = below(path.substr(dot + 1), std::move(value), depth + 1);
  if (!inner)
    return std::nullopt;
  return json::object{{name, std::move(*inner)}};
}

std::optional<module_content> read_member(const std::string& module,
                                          std::string_view key,
                                          const json::value& value) {
  if (!key.starts_with(desired))
    return std::nullopt;
  const auto path = key.substr(desired.size());
  if (path.empty())
    return value.is_object()
             ? std::optional{module_content{module, value.get_object(), true}}
             : std::nullopt;
  auto made = path.front() == '.' ? below(path.substr(1), value) : std::nullopt;
  if (!made)
    return std::nullopt;
  return module_content{module, std::move(*made), false};
}

/// The modules that the agent is to run.
void add_listed(const json::object& agent, std::set<std::string>& to) {
  if (const auto* const modules = object_at(agent, "modules"))
    for (const auto& [name, ignored] : *modules)
      to.emplace(name);
}

bool read_module(const std::string& name, const json::object& members,
                 configuration_content& into, std::string& why) {
  into.modules.insert(name);
  // What is whole goes first, whatever the order in the text.
  for (const bool whole : {true, false})
    for (const auto& [key, value] : members) {
      auto read = read_member(name, key, value);
      if (!read) {
        why = "modulesContent." + name + '.' + std::string{key}
              + ": must be properties.desired, an object, or a path below it";
        return false;
      }
      if (read->whole != whole)
        continue;
      if (name == "$edgeAgent" && whole)
        add_listed(read->desired, into.modules);
      into.twins.push_back(std::move(*read));
    }
  return true;
}

} // namespace

std::optional<configuration_content>
parse_configuration_content(std::string_view text, std::string& why) {
  boost::system::error_code failed;
  const auto document = json::parse(text, failed);
  const auto* const content
    = failed || !document.is_object()
        ? nullptr
        : object_at(document.get_object(), "modulesContent");
  if (!content) {
    why = "modulesContent: must be an object";
    return std::nullopt;
  }
  configuration_content made;
  for (const auto& [name, members] : *content) {
    if (!members.is_object()) {
      why = "modulesContent." + std::string{name} + ": must be an object";
      return std::nullopt;
    }
    if (!read_module(name, members.get_object(), made, why))
      return std::nullopt;
  }
  if (made.modules.size() > most_configured_modules) {
    why = "modulesContent: names more than "
          + std::to_string(most_configured_modules) + " modules";
    return std::nullopt;
  }
  for (const auto& name : made.modules)
    if (!valid_id(name)) {
      why = "modulesContent: `" + name + "` is no module's name";
      return std::nullopt;
    }
  return made;
}

} // namespace tidegate
