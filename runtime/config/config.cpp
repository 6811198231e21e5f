#include "runtime/config/config.hpp"

#include "runtime/config/routes.hpp"
#include "runtime/config/settings.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

namespace tidegate {

namespace {

/// No configuration is longer; what is, is another file by mistake.
constexpr std::size_t longest_file = 1024UL * 1024;
/// Walks the file and hands each value to its setting.
class reader {
public:
  explicit reader(config_result& into)
    : into_{into}, known_{settings_of(into.value)} {}

  void read(const toml::table& root) {
    for (const auto& [section, value] : root) {
      const std::string name{section.str()};
      if (!value.is_table())
        fail(value, name, "belongs into a section such as [node]");
      else if (name == "routes")
        read_routes(*value.as_table());
      else
        read_section(name, *value.as_table());
    }
  }

private:
  void fail(const toml::node& at, const std::string& key,
            const std::string& problem) {
    into_.errors.push_back(
      {into_.value.file.string(), at.source().begin.line, key, problem});
  }

  void read_routes(const toml::table& routes) {
    for (const auto& [name, value] : routes) {
      const std::string key{name.str()};
      auto read = read_route(value);
      if (const auto* problem = std::get_if<route_problem>(&read))
        fail(value,
             "routes." + key + (problem->key.empty() ? "" : '.' + problem->key),
             problem->text);
      else
        into_.value.routes[key] = std::move(std::get<0>(read));
    }
  }

  void read_section(const std::string& section, const toml::table& values) {
    for (const auto& [key, value] : values) {
      const auto name = section + '.' + std::string{key.str()};
      if (value.is_table() && is_section(name)) {
        read_section(name, *value.as_table());
        continue;
      }
      const auto found = std::find_if(
        known_.all().begin(), known_.all().end(),
        [&](const auto& setting) { return setting.key.name == name; });
      if (found == known_.all().end())
        unknown(value, name);
      else if (const auto problem = found->set(value))
        fail(value, name, *problem);
    }
  }

  /// Whether there are keys `name.something`.
  bool is_section(const std::string& name) const {
    return std::any_of(known_.all().begin(), known_.all().end(),
                       [&](const auto& setting) {
                         return setting.key.name.starts_with(name + '.');
                       });
  }

  void unknown(const toml::node& at, const std::string& name) {
    std::vector<std::string> names;
    for (const auto& setting : known_.all())
      names.push_back(setting.key.name);
    const auto like = nearest(name, names);
    fail(at, name,
         "is not a known key"
           + (like ? "; did you mean " + *like + '?' : std::string{}));
  }

  config_result& into_;
  settings known_;
};

template <class Fail>
void check_broker(const config& c, Fail fail) {
  const auto& broker = c.parent.mqtt;
  if (broker.address.empty())
    fail("parent.mqtt.address", "parent.protocol is mqtt, so it is needed");
  if (!c.parent.connection.empty() || !c.parent.connection_file.empty())
    fail("parent.connection",
         "is for a parent that speaks amqp; parent.protocol is mqtt");
  if (broker.certificate.empty() != broker.key.empty())
    fail("parent.mqtt.key",
         "parent.mqtt.certificate and parent.mqtt.key belong together");
  if (!broker.password.empty() && !broker.password_file.empty())
    fail("parent.mqtt.password", "give either parent.mqtt.password or "
                                 "parent.mqtt.password_file, not both");
  if (broker.user.empty()
      && (!broker.password.empty() || !broker.password_file.empty()))
    fail("parent.mqtt.user", "a password needs a user");
}

/// Rules that concern more than one key.
void check_together(config_result& result) {
  const auto& c = result.value;
  const auto fail = [&](std::string key, std::string problem) {
    result.errors.push_back(
      {c.file.string(), 0, std::move(key), std::move(problem)});
  };
  if (c.tls.certificate.empty() != c.tls.key.empty())
    fail("tls.certificate",
         "give both tls.certificate and tls.key, or neither");
  if (c.tls.issuer_certificate.empty() != c.tls.issuer_key.empty())
    fail("tls.issuer_certificate",
         "give both tls.issuer_certificate and tls.issuer_key, or neither");
  if (!c.parent.connection.empty() && !c.parent.connection_file.empty())
    fail("parent.connection",
         "give either parent.connection or parent.connection_file, not both");
  const bool has_hub
    = !c.parent.connection.empty() || !c.parent.connection_file.empty();
  if (c.node.authentication != "scope" && !has_hub)
    fail("node.authentication",
         "is scope where no parent checks tokens: parent.connection names one");
  if (c.has_broker())
    check_broker(c, fail);
}

} // namespace

std::vector<config_key> config_keys() {
  config defaults;
  const auto all = settings_of(defaults);
  std::vector<config_key> keys;
  for (const auto& setting : all.all())
    keys.push_back(setting.key);
  return keys;
}

std::string to_string(const config_error& error) {
  auto text = error.file;
  if (error.line > 0)
    text += ':' + std::to_string(error.line);
  if (!error.key.empty())
    text += ": " + error.key;
  return text + ": " + error.problem;
}

config_result parse_config(const std::string& text,
                           const std::filesystem::path& file) {
  config_result result;
  result.value.file = file;
  try {
    const auto root = toml::parse(text, file.string());
    reader{result}.read(root);
  } catch (const toml::parse_error& error) {
    result.errors.push_back({file.string(),
                             error.source().begin.line,
                             {},
                             std::string{error.description()}});
    return result;
  }
  check_together(result);
  return result;
}

config_result load_config(const std::filesystem::path& file) {
  const auto refuse = [&](std::string why) {
    config_result result;
    result.errors.push_back({file.string(), 0, {}, std::move(why)});
    return result;
  };
  std::error_code unknown;
  if (std::filesystem::is_directory(file, unknown))
    return refuse("is a folder, not a file");
  std::ifstream in{file, std::ios::binary};
  if (!in)
    return refuse(std::string{"the file cannot be read: "}
                  + std::strerror(errno));
  std::string text(longest_file + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad())
    return refuse("the file cannot be read");
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > longest_file)
    return refuse("is longer than 1 MiB, so it is no configuration");
  return parse_config(text, std::filesystem::absolute(file));
}

} // namespace tidegate
