#include "runtime/config/config.hpp"

#include "messages/broker/broker_language.hpp"
#include "messages/routing/route.hpp"
#include "runtime/config/values.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <functional>
#include <toml++/toml.h>

namespace tidegate {

namespace {

/// No configuration is longer; what is, is another file by mistake.
constexpr std::size_t longest_file = 1024UL * 1024;

/// Takes a value from the file into the configuration; returns what is wrong
/// with it, or nothing.
using setter = std::function<std::optional<std::string>(const toml::node&)>;

struct setting {
  config_key key;
  setter set;
};

/// Builds the list of settings bound to the members of one configuration.
class settings {
public:
  explicit settings(config& into) : root_{into.file.parent_path()} {
    node(into);
    parent(into);
    broker(into);
    listeners(into);
    store(into);
    limits(into);
    twins(into);
    modules(into);
  }

  const std::vector<setting>& all() const { return all_; }

private:
  void add(std::string name, std::string initial, std::string meaning,
           setter set) {
    all_.push_back({{std::move(name), std::move(initial), std::move(meaning)},
                    std::move(set)});
  }

  void text(std::string name, std::string& member, std::string meaning,
            std::vector<std::string> choices = {}) {
    add(std::move(name), '"' + member + '"', std::move(meaning),
        [&member, choices = std::move(choices)](
          const toml::node& value) -> std::optional<std::string> {
          const auto given = value.value<std::string>();
          if (!given)
            return "must be a text in quotes";
          if (!choices.empty()
              && std::find(choices.begin(), choices.end(), *given)
                   == choices.end()) {
            std::string list;
            for (const auto& choice : choices)
              list += (list.empty() ? "" : ", ") + choice;
            return "must be one of: " + list;
          }
          member = *given;
          return std::nullopt;
        });
  }

  void flag(std::string name, bool& member, std::string meaning) {
    add(std::move(name), member ? "true" : "false", std::move(meaning),
        [&member](const toml::node& value) -> std::optional<std::string> {
          const auto given = value.value_exact<bool>();
          if (!given)
            return "must be true or false";
          member = *given;
          return std::nullopt;
        });
  }

  /// A topic with places from `known`; `check` says what else is wrong.
  void topic(std::string name, std::string& member, std::string meaning,
             const std::vector<std::string_view>& known,
             std::function<std::string(const topic_template&)> check) {
    add(std::move(name), '"' + member + '"', std::move(meaning),
        [&member, known, check = std::move(check)](
          const toml::node& value) -> std::optional<std::string> {
          const auto given = value.value<std::string>();
          if (!given)
            return "must be a text in quotes";
          member = *given;
          if (given->empty())
            return check({}).empty() ? std::nullopt : std::optional{check({})};
          std::string why;
          const auto read = topic_template::parse(*given, known, why);
          if (read)
            why = check(*read);
          return why.empty() ? std::nullopt : std::optional{why};
        });
  }

  void path(std::string name, std::filesystem::path& member,
            std::string meaning) {
    add(std::move(name), '"' + member.string() + '"', std::move(meaning),
        [&member,
         root = root_](const toml::node& value) -> std::optional<std::string> {
          const auto given = value.value<std::string>();
          if (!given)
            return "must be a path in quotes";
          member = given->empty() ? std::filesystem::path{} : root / *given;
          return std::nullopt;
        });
  }

  void number(std::string name, std::int64_t& member, std::string meaning,
              std::int64_t least, std::int64_t most) {
    add(std::move(name), std::to_string(member), std::move(meaning),
        [&member, least,
         most](const toml::node& value) -> std::optional<std::string> {
          const auto given = value.value<std::int64_t>();
          if (!value.is_integer() || *given < least || *given > most)
            return "must be a whole number from " + std::to_string(least)
                   + " to " + std::to_string(most);
          member = *given;
          return std::nullopt;
        });
  }

  void size(std::string name, std::int64_t& member, std::string initial,
            std::string meaning, const std::string& least) {
    add(
      std::move(name), '"' + initial + '"', std::move(meaning),
      [&member, least](const toml::node& value) -> std::optional<std::string> {
        const auto given = value.is_integer()
                             ? value.value<std::int64_t>()
                             : parse_size(value.value_or(std::string{}));
        if (!given || *given < parse_size(least))
          return "must be a size such as \"512 MiB\" or \"10 GiB\", and at "
                 "least "
                 + least;
        member = *given;
        return std::nullopt;
      });
  }

  template <class Duration>
  void duration(std::string name, Duration& member, std::string initial,
                std::string meaning, bool may_be_infinite = false) {
    add(std::move(name), '"' + initial + '"', std::move(meaning),
        [&member, may_be_infinite](
          const toml::node& value) -> std::optional<std::string> {
          const auto given = parse_duration(value.value_or(std::string{}));
          if (!given || (given->count() < 0 && !may_be_infinite))
            return "must be a duration such as \"250ms\", \"30s\" or \"2h\"";
          member = given->count() < 0
                     ? Duration{-1}
                     : std::chrono::duration_cast<Duration>(*given);
          return std::nullopt;
        });
  }

  void address(std::string name, std::optional<listen_address>& member,
               std::string meaning) {
    add(std::move(name), "\"\"", std::move(meaning),
        [&member](const toml::node& value) -> std::optional<std::string> {
          const auto given = value.value_or(std::string{"-"});
          member.reset();
          if (given.empty())
            return std::nullopt;
          member = parse_listen_address(given);
          if (!member)
            return "must be an address such as \"127.0.0.1:8883\" or "
                   "\"*:8883\", or \"\" for off";
          return std::nullopt;
        });
  }

  void node(config& c) {
    path("node.data", c.node.data,
         "Folder of everything that must last: store, keys, module state.");
    path("node.run", c.node.run,
         "Folder of the sockets of modules and operators.");
    text("node.host", c.node.host,
         "Name that clients connect to; the machine's when empty.");
    text("node.hub_host", c.node.hub_host,
         "Name of the hub in connection strings and tokens; a hub's own is "
         "node.host when empty, a gateway's comes from its connection string.");
    text("node.device", c.node.device,
         "Device that a hub's own modules belong to; node.host when empty. A "
         "gateway's comes from its connection string.");
    text("node.log_level", c.node.log_level,
         "Least serious lines that are logged.",
         {"debug", "info", "warning", "error"});
    number("node.threads", c.node.threads, "Worker threads for actors.", 1,
           256);
    text("node.configuration", c.node.configuration,
         "Where routes and time to live come from: `twin`, the desired "
         "properties of the node's own `$edgeHub` module as soon as they say "
         "something, or `local`, the manifest and this file only.",
         {"twin", "local"});
  }

  void parent(config& c) {
    text("parent.protocol", c.parent.protocol,
         "What the parent speaks: `amqp` as a hub or a gateway does, or "
         "`mqtt` as any broker does, see parent.mqtt.",
         {"amqp", "mqtt"});
    text("parent.connection", c.parent.connection,
         "Connection string of this gateway at its parent. Without one the "
         "node is a hub.");
    path("parent.connection_file", c.parent.connection_file,
         "File that holds the connection string instead.");
    text("parent.address", c.parent.address,
         "Name or address to connect to, when it is not the host of the "
         "connection string.");
    number("parent.amqp_port", c.parent.amqp_port,
           "Port of the parent for AMQP over TLS.", 1, 65535);
    number("parent.https_port", c.parent.https_port,
           "Port of the parent for HTTPS.", 1, 65535);
    path("parent.ca_file", c.parent.ca_file,
         "Certificates the parent is judged by, PEM; the system's when "
         "empty.");
    duration("parent.retry_unit", c.parent.retry_unit, "1s",
             "First pause before a lost uplink is tried again; doubles.");
    duration("parent.retry_longest", c.parent.retry_longest, "60s",
             "Longest pause between two tries.");
    duration("parent.progress_timeout", c.parent.progress_timeout, "20s",
             "An uplink that acknowledges nothing for so long, while "
             "something waits, is built anew.");
  }

  void broker(config& c) {
    auto& b = c.parent.mqtt;
    text("parent.mqtt.address", b.address, "Name or address of the broker.");
    number("parent.mqtt.port", b.port, "Port of the broker.", 1, 65535);
    flag("parent.mqtt.tls", b.tls,
         "Encrypt, and judge the broker by parent.ca_file.");
    path("parent.mqtt.certificate", b.certificate,
         "Certificate that this node shows to the broker, and its chain, PEM; "
         "none when empty.");
    path("parent.mqtt.key", b.key, "Private key of that certificate, PEM.");
    text("parent.mqtt.user", b.user, "User name at the broker.");
    text("parent.mqtt.password", b.password, "Password of the user.");
    path("parent.mqtt.password_file", b.password_file,
         "File whose first line is the password instead; read for every "
         "attempt to connect.");
    text("parent.mqtt.client_id", b.client_id,
         "Client id at the broker; the node's device when empty.");
    duration("parent.mqtt.keep_alive", b.keep_alive, "60s",
             "Silence after which the broker is asked whether it is there; "
             "whole seconds.");
    flag("parent.mqtt.clean_session", b.clean_session,
         "Have the broker forget the session, and commands that wait in "
         "it, whenever the connection ends.");
    number("parent.mqtt.window", b.window,
           "Messages on their way to the broker and not yet acknowledged; "
           "fewer when they are large.",
           1, 60'000);
    number("parent.mqtt.message_size", b.message_size,
           "Bytes of topic and payload that the broker takes; a larger "
           "message is given up and counted as rejected.",
           1024, 268'435'455);
    topic("parent.mqtt.telemetry", b.telemetry,
          "Topic of what goes up. {edge} is this node's device, {device}, "
          "{module} and {output} are the sender's; a level whose place has "
          "no value is left out.",
          telemetry_places, [](const topic_template& one) {
            return one.stands_with({"edge", "device"})
                     ? ""
                     : "needs {edge}, {device} or a fixed level, because a "
                       "message may lack the others";
          });
    topic("parent.mqtt.commands", b.commands,
          "Topic of commands for devices, which reach them as cloud-to-device "
          "messages; off when empty.",
          command_places, [](const topic_template& one) {
            return one.has("device") || one.empty()
                     ? ""
                     : "needs {device}, or nobody is meant";
          });
    text("parent.mqtt.properties", b.properties,
         "Where properties go: `topic`, a property bag as the topic's last "
         "level, or `envelope`, a JSON document around the body.",
         {"topic", "envelope"});
  }

  void listeners(config& c) {
    address("listeners.mqtts", c.listeners.mqtts, "MQTT over TLS.");
    address("listeners.amqps", c.listeners.amqps, "AMQP over TLS.");
    address("listeners.https", c.listeners.https,
            "HTTPS; MQTT and AMQP over secure WebSocket.");
    address("listeners.mqtt", c.listeners.mqtt,
            "MQTT without encryption; for loopback and tests.");
    address("listeners.amqp", c.listeners.amqp,
            "AMQP without encryption; for loopback and tests.");
    address("listeners.ws", c.listeners.ws,
            "MQTT and AMQP over WebSocket without encryption; for loopback "
            "and tests.");
    path("tls.certificate", c.tls.certificate,
         "Server certificate and its chain, PEM. When empty, the node issues "
         "one and renews it in time.");
    path("tls.key", c.tls.key, "Private key of the certificate, PEM.");
    path("tls.issuer_certificate", c.tls.issuer_certificate,
         "Authority that the node issues its certificate with, PEM; one is "
         "made below node.data when empty.");
    path("tls.issuer_key", c.tls.issuer_key,
         "Private key of that authority, PEM.");
    path("tls.ca_file", c.tls.ca_file,
         "Trust bundle, PEM: handed to modules, and what clients' certificates "
         "must descend from. When empty, that of the node's own authority.");
    flag("tls.client_certificates", c.tls.client_certificates,
         "Ask clients for a certificate and let them in by it.");
    address("metrics.listen", c.metrics.listen,
            "Prometheus metrics, plain HTTP, path /metrics.");
  }

  void store(config& c) {
    text("store.durability", c.store.durability,
         "What an acknowledgement survives: `power` (synced to disk), "
         "`process` (handed to the system), `none` (memory only).",
         {"power", "process", "none"});
    size("store.quota", c.store.quota, "10 GiB",
         "Bound of the store's folder on disk.", "16 MiB");
    text("store.on_full", c.store.on_full,
         "When the quota is used up: `reject` new messages or `drop-oldest`.",
         {"reject", "drop-oldest"});
    duration("store.time_to_live", c.store.time_to_live, "-1",
             "How long a message is kept for its target; -1 is for ever. A "
             "route's own value wins.",
             true);
  }

  void limits(config& c) {
    number("limits.clients", c.limits.clients,
           "Devices connected at the same time; modules do not count.", 1,
           1'000'000);
    number("limits.message_size", c.limits.message_size,
           "Bytes of one message, properties included.", 1024, 262'144);
    number("limits.unacknowledged_bytes", c.limits.unacknowledged_bytes,
           "Bytes taken from one connection and not yet acknowledged; past "
           "it reading pauses.",
           16'384, 1 << 30);
    number("limits.outbound_window", c.limits.outbound_window,
           "Messages on their way to one client and not yet acknowledged.", 1,
           60'000);
    number("limits.subscriptions", c.limits.subscriptions,
           "Subscriptions of one client.", 1, 10'000);
    duration("limits.connect_arrival", c.limits.connect_arrival, "60s",
             "A connection that has not introduced itself by then is closed.");
  }

  void twins(config& c) {
    duration("twins.report_period", c.twins.report_period, "5s",
             "A gateway sends what one client reports to its parent at most "
             "this often; what comes meanwhile goes up together.");
    duration("twins.sync_period", c.twins.sync_period, "2m",
             "A gateway that is back at its parent reads twins again that it "
             "has not read for so long.");
  }

  void modules(config& c) {
    path("modules.manifest", c.modules.manifest,
         "Deployment manifest with modules and routes, JSON.");
    path("modules.programs", c.modules.programs,
         "Folder in which a manifest's program names are looked up.");
    duration("modules.backoff_unit", c.modules.backoff_unit, "10s",
             "First pause before a module is restarted; doubles.");
    duration("modules.backoff_longest", c.modules.backoff_longest, "300s",
             "Longest pause before a module is restarted.");
    duration("modules.stop_grace", c.modules.stop_grace, "10s",
             "How long a module may take to end before it is killed.");
    size("modules.log_size", c.modules.log_size, "10 MiB",
         "Size at which a module's log file is rotated.", "64 KiB");
    number("modules.log_files", c.modules.log_files,
           "Log files kept of one module.", 1, 100);
  }

  std::filesystem::path root_;
  std::vector<setting> all_;
};

/// Walks the file and hands each value to its setting.
class reader {
public:
  explicit reader(config_result& into) : into_{into}, known_{into.value} {}

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
      const auto text = value.value<std::string>();
      if (!text)
        fail(value, "routes." + key, "must be a route in quotes");
      else if (const auto route = routing::parse_route(*text, "edge"); !route)
        fail(value, "routes." + key, to_string(route.error()));
      else
        into_.value.routes[key] = *text;
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
  if (c.has_broker())
    check_broker(c, fail);
}

} // namespace

std::vector<config_key> config_keys() {
  config defaults;
  const settings all{defaults};
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
