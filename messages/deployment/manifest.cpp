#include "messages/deployment/manifest.hpp"

#include "messages/deployment/module_reader.hpp"
#include "messages/deployment/schema_version.hpp"

#include <algorithm>
#include <boost/json/parser.hpp>
#include <tuple>

namespace tidegate::deployment {

namespace {

constexpr int wrong_schema = 412;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c >= '0' && c <= '9');
}

/// Names become file names and parts of topics.
bool is_module_name(std::string_view name) {
  return !name.empty() && name.size() <= longest_module_name
         && is_letter_or_digit(name.front())
         && std::all_of(name.begin(), name.end(), [](char c) {
              return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.';
            });
}

/// False when the rest of the document cannot be understood.
bool read_schema(const field_reader& from, manifest& into) {
  const auto version = from.text("schemaVersion", field_reader::required);
  if (!version)
    return from.find("schemaVersion") == nullptr;
  into.schema_version = *version;
  if (is_supported_schema(*version))
    return true;
  from.fail("schemaVersion",
            "is '" + *version + "'; this gateway reads 1.0 and 1.1",
            wrong_schema);
  return false;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// `$upstream:port` is a registry at the parent.
std::string registry_address(std::string text, const std::string& parent) {
  constexpr std::string_view upstream = "$upstream:";
  if (text.starts_with(upstream))
    text.replace(0, upstream.size() - 1, parent);
  return text;
}

void read_registries(const field_reader& settings, const manifest_rules& rules,
                     manifest& into) {
  const auto* object = settings.object("registryCredentials");
  if (!object)
    return;
  const auto all = settings.below("registryCredentials", *object);
  for (const auto& [key, value] : *object) {
    const std::string name{key.data(), key.size()};
    const auto* entry = value.if_object();
    if (!entry) {
      all.fail(name, "must be an object");
      continue;
    }
    const auto reader = all.below(name, *entry);
    const auto get = [&](const char* field) {
      auto text = reader.text(field, field_reader::required);
      if (text && is_blank(*text))
        reader.fail(field, "is blank");
      return text.value_or("");
    };
    into.registries.push_back(
      {name, registry_address(get("address"), rules.parent_host),
       get("username"), get("password")});
  }
}

/// False when the manifest is for an engine that does not run here: every
/// module would say so again.
bool read_runtime(const field_reader& from, const manifest_rules& rules,
                  manifest& into) {
  into.engine = rules.engine;
  const auto* object = from.object("runtime", field_reader::required);
  if (!object)
    return true;
  const auto runtime = from.below("runtime", *object);
  const auto type = runtime.text_any_case("type", field_reader::required);
  if (type && *type != to_string(rules.engine)) {
    const auto known = *type == "docker" || *type == "process";
    runtime.fail("type", known ? "is " + *type
                                   + ", but this gateway runs modules with the "
                                     "engine "
                                   + std::string{to_string(rules.engine)}
                               : "must be process or docker");
    return false;
  }
  if (const auto* object_of_settings = runtime.object("settings")) {
    const auto settings = runtime.below("settings", *object_of_settings);
    into.min_docker_version = settings.text("minDockerVersion").value_or("");
    into.logging_options = settings.text("loggingOptions").value_or("");
    read_registries(settings, rules, into);
  }
  return true;
}

void read_system_modules(const field_reader& from, const manifest_rules& rules,
                         manifest& into) {
  const auto* object = from.object("systemModules", field_reader::required);
  if (!object)
    return;
  const auto all = from.below("systemModules", *object);
  if (const auto* agent = all.object("edgeAgent"))
    into.agent = read_module("edgeAgent", all.below("edgeAgent", *agent),
                             module_role::agent, rules);
  if (const auto* hub = all.object("edgeHub"))
    into.hub = read_module("edgeHub", all.below("edgeHub", *hub),
                           module_role::hub, rules);
}

void read_modules(const field_reader& from, const manifest_rules& rules,
                  manifest& into) {
  const auto* object = from.object("modules");
  if (!object)
    return;
  const auto all = from.below("modules", *object);
  for (const auto& [key, value] : *object) {
    const std::string name{key.data(), key.size()};
    if (!is_module_name(name))
      all.fail(name, "a module's name is 1 to 64 letters, digits, '-', '_' "
                     "and '.', the first a letter or digit");
    else if (name == "edgeAgent" || name == "edgeHub")
      all.fail(name, "belongs into systemModules");
    else if (const auto* entry = value.if_object())
      into.modules.push_back(
        read_module(name, all.below(name, *entry), module_role::user, rules));
    else
      all.fail(name, "must be an object");
  }
  std::sort(into.modules.begin(), into.modules.end(),
            [](const module_spec& a, const module_spec& b) {
              return std::tie(a.startup_order, a.name)
                     < std::tie(b.startup_order, b.name);
            });
}

bool is_empty(const boost::json::object& desired) {
  return std::all_of(desired.begin(), desired.end(), [](const auto& member) {
    return member.key().starts_with('$');
  });
}

void read_desired(const field_reader& from, const manifest_rules& rules,
                  manifest& into) {
  if (is_empty(from.all()))
    return from.fail("", "no deployment is set", nothing_deployed);
  if (!read_schema(from, into) || !read_runtime(from, rules, into))
    return;
  read_system_modules(from, rules, into);
  read_modules(from, rules, into);
}

/// The line, from 1, that holds the character at `offset`.
std::ptrdiff_t line_at(std::string_view text, std::size_t offset) {
  return 1
         + std::count(text.begin(),
                      text.begin() + static_cast<std::ptrdiff_t>(offset), '\n');
}

/// The full form: one entry per identity, each with desired properties.
void read_content(const field_reader& from, const manifest_rules& rules,
                  manifest& into) {
  constexpr auto desired = "properties.desired";
  static const boost::json::object nothing;
  const auto* agent = from.object("$edgeAgent", field_reader::required);
  for (const auto& [key, value] : from.all()) {
    const std::string name{key.data(), key.size()};
    const auto* object = value.if_object();
    if (!object) {
      from.fail(name, "must be an object");
      continue;
    }
    const auto* properties = from.below(name, *object).object(desired);
    if (!properties || name == "$edgeAgent")
      continue;
    (name == "$edgeHub" ? into.hub_desired : into.module_desired[name])
      = *properties;
  }
  if (!agent)
    return;
  const auto* properties = agent->if_contains(desired);
  const auto* object = properties ? properties->if_object() : nullptr;
  read_desired(field_reader{object ? *object : nothing, "", from.errors()},
               rules, into);
}

} // namespace

manifest_result read_agent_desired(const boost::json::object& desired,
                                   const manifest_rules& rules) {
  manifest_result result;
  read_desired(field_reader{desired, "", result.errors}, rules, result.value);
  return result;
}

manifest_result parse_manifest(std::string_view text,
                               const manifest_rules& rules) {
  manifest_result result;
  const auto fail = [&](std::string problem) {
    result.errors.push_back({{}, std::move(problem), 400});
    return result;
  };
  if (text.size() > longest_manifest)
    return fail("the manifest is longer than 4 MiB");
  boost::json::error_code problem;
  boost::json::parser parser;
  const auto read = parser.write(text.data(), text.size(), problem);
  if (problem)
    return fail("line " + std::to_string(line_at(text, read))
                + ": not JSON: " + problem.message());
  const auto document = parser.release();
  const auto* object = document.if_object();
  if (!object)
    return fail("the manifest must be an object");
  const field_reader top{*object, "", result.errors};
  if (!object->contains("modulesContent"))
    read_desired(top, rules, result.value);
  else if (const auto* content = top.object("modulesContent"))
    read_content(top.below("modulesContent", *content), rules, result.value);
  return result;
}

} // namespace tidegate::deployment
