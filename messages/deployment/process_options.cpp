#include "messages/deployment/process_options.hpp"

#include <algorithm>
#include <array>
#include <boost/url/parse.hpp>
#include <limits>

namespace tidegate::deployment {

namespace {

using std::chrono::milliseconds;
constexpr auto any = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t least_memory = 6u << 20;

/// Meaningless without a container, and harmless.
constexpr std::array<std::string_view, 5> ignored{
  "Hostname", "Domainname", "Labels", "ExposedPorts", "NetworkingConfig"};
constexpr std::array<std::string_view, 9> known{
  "Entrypoint", "Cmd",         "WorkingDir",  "Env",        "User",
  "HostConfig", "Healthcheck", "StopTimeout", "StopSignal",
};
constexpr std::array<std::string_view, 10> known_host{
  "Binds",   "Mounts",       "Memory",      "NanoCpus",   "PidsLimit",
  "Ulimits", "PortBindings", "NetworkMode", "Privileged", "RestartPolicy"};
constexpr std::array<std::string_view, 13> ulimit_names{
  "core",   "cpu",   "data",   "fsize",  "memlock",    "msgqueue", "nice",
  "nofile", "nproc", "rtprio", "rttime", "sigpending", "stack"};

template <std::size_t Size>
bool contains(const std::array<std::string_view, Size>& in,
              std::string_view name) {
  return std::find(in.begin(), in.end(), name) != in.end();
}

void read_env(const field_reader& from, process_options& into) {
  const auto entries = from.texts("Env");
  if (!entries)
    return;
  for (const auto& entry : *entries) {
    const auto equals = entry.find('=');
    if (equals == 0)
      from.fail("Env", "an entry has no name");
    else if (equals == std::string::npos)
      into.env[entry] = "";
    else
      into.env[entry.substr(0, equals)] = entry.substr(equals + 1);
  }
}

/// A time in nanoseconds, at least one millisecond when it is not 0.
void read_time(const field_reader& from, std::string_view name,
               milliseconds& into) {
  const auto nanoseconds = from.number(name, 0, any);
  if (!nanoseconds || *nanoseconds == 0)
    return;
  if (*nanoseconds < 1'000'000)
    from.fail(name, "must be at least one millisecond, in nanoseconds");
  into = milliseconds{*nanoseconds / 1'000'000};
}

bool is_page(const std::string& text) {
  const auto url = boost::urls::parse_uri(text);
  return url && url->scheme() == "http" && !url->host().empty()
         && !url->has_userinfo();
}

void read_test(const field_reader& from, std::optional<health_check>& into) {
  const auto client = from.boolean("clientSession").value_or(false);
  const auto test = from.texts("Test").value_or(std::vector<std::string>{});
  if (client && !test.empty())
    return from.fail("Test", "cannot go with clientSession");
  if (client)
    return;
  if (test.empty() || test.front() == "NONE")
    return into.reset();
  if (test.front() == "CMD" && test.size() > 1)
    into->command.assign(test.begin() + 1, test.end());
  else if (test.front() == "CMD-SHELL" && test.size() == 2)
    into->command = {"/bin/sh", "-c", test[1]};
  else if (test.front() == "HTTP" && test.size() == 2 && is_page(test[1]))
    into->url = test[1];
  else
    from.fail("Test", "must be [\"CMD\", program, arguments...], "
                      "[\"CMD-SHELL\", command], [\"HTTP\", "
                      "\"http://host:port/path\"] or [\"NONE\"]");
}

void read_health(const field_reader& from, process_options& into) {
  const auto* object = from.object("Healthcheck");
  if (!object)
    return;
  const auto check = from.below("Healthcheck", *object);
  into.health.emplace();
  read_time(check, "Interval", into.health->interval);
  read_time(check, "Timeout", into.health->timeout);
  read_time(check, "StartPeriod", into.health->start_period);
  if (const auto retries = check.number("Retries", 0, 1000);
      retries && *retries > 0)
    into.health->retries = static_cast<unsigned>(*retries);
  read_test(check, into.health);
}

/// -1 is unlimited.
std::optional<std::uint64_t> read_limit(const field_reader& from,
                                        std::string_view name) {
  const auto* found = from.find(name, field_reader::required);
  if (!found || (found->is_int64() && found->get_int64() == -1))
    return std::nullopt;
  return from.number(name, 0, any);
}

void read_ulimits(const field_reader& from, resource_limits& into) {
  const auto* found = from.find("Ulimits");
  if (!found || found->is_null())
    return;
  const auto* list = found->if_array();
  if (!list)
    return from.fail("Ulimits", "must be a list");
  for (const auto& item : *list) {
    const auto* object = item.if_object();
    if (!object)
      return from.fail("Ulimits", "must be a list of objects");
    const auto entry = from.below("Ulimits", *object);
    ulimit read;
    read.name = entry.text("Name", field_reader::required).value_or("");
    if (!contains(ulimit_names, read.name))
      entry.fail("Name", "no limit of a process is called '" + read.name + "'");
    read.soft = read_limit(entry, "Soft");
    read.hard = read_limit(entry, "Hard");
    if (read.hard && (!read.soft || *read.soft > *read.hard))
      entry.fail("Soft", "is above Hard");
    into.ulimits.push_back(std::move(read));
  }
}

/// A process has the host's network: a binding must ask for what is so.
void check_ports(const field_reader& from) {
  const auto* ports = from.object("PortBindings");
  if (!ports)
    return;
  const auto bindings = from.below("PortBindings", *ports);
  for (const auto& [name, value] : *ports) {
    const std::string_view port{name.data(), name.size()};
    const auto* list = value.if_array();
    if (!list) {
      bindings.fail(port, "must be a list");
      continue;
    }
    for (const auto& item : *list) {
      const auto* object = item.if_object();
      const auto* host = object ? object->if_contains("HostPort") : nullptr;
      const auto* text = host ? host->if_string() : nullptr;
      if (!text || std::string_view{*text} != port.substr(0, port.find('/')))
        bindings.fail(port, "a process has the host's network; its port "
                            "cannot be mapped to another one");
    }
  }
}

bool is_volume_name(std::string_view name) {
  return !name.empty() && name.front() != '.'
         && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz"
                                   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "0123456789._-")
              == std::string_view::npos;
}

void add_volume(const field_reader& from, std::string_view field, volume one,
                process_options& into) {
  if (!one.source.starts_with('/') && !is_volume_name(one.source))
    from.fail(field, "'" + one.source
                       + "' is neither an absolute path nor the "
                         "name of a volume");
  else if (!one.target.starts_with('/'))
    from.fail(field, "'" + one.target + "' is not an absolute path");
  else
    into.volumes.push_back(std::move(one));
}

constexpr auto not_read_only = "a process module's folder cannot be read-only";

/// `SOURCE:TARGET` with `:rw` perhaps.
void read_binds(const field_reader& from, process_options& into) {
  for (const auto& text :
       from.texts("Binds").value_or(std::vector<std::string>{})) {
    const auto first = text.find(':');
    const auto second = text.find(':', first + 1);
    if (first == std::string::npos) {
      from.fail("Binds", "'" + text + "' must be source:target");
      continue;
    }
    const auto how = second == std::string::npos ? "" : text.substr(second + 1);
    if (how == "ro")
      from.fail("Binds", not_read_only);
    else if (!how.empty() && how != "rw")
      from.fail("Binds", "'" + how + "' is not supported for process modules");
    else
      add_volume(
        from, "Binds",
        {text.substr(0, first), text.substr(first + 1, second - first - 1)},
        into);
  }
}

void read_mounts(const field_reader& from, process_options& into) {
  const auto* found = from.find("Mounts");
  if (!found || found->is_null())
    return;
  const auto* list = found->if_array();
  if (!list)
    return from.fail("Mounts", "must be a list");
  for (const auto& item : *list) {
    const auto* object = item.if_object();
    if (!object)
      return from.fail("Mounts", "must be a list of objects");
    const auto entry = from.below("Mounts", *object);
    const auto type = entry.text("Type", field_reader::required).value_or("");
    if (type != "bind" && type != "volume")
      entry.fail("Type", "must be bind or volume for process modules");
    if (entry.boolean("ReadOnly").value_or(false))
      entry.fail("ReadOnly", not_read_only);
    add_volume(entry, "Source",
               {entry.text("Source", field_reader::required).value_or(""),
                entry.text("Target", field_reader::required).value_or("")},
               into);
  }
}

void check_zero(const field_reader& from, std::string_view name,
                std::optional<std::uint64_t>& limit, bool supported) {
  if (limit && *limit == 0)
    limit.reset();
  if (limit && !supported)
    from.fail(name, "cannot be enforced here: this gateway has no control "
                    "group of its own");
}

void read_host(const field_reader& from, limit_support support,
               process_options& into) {
  const auto* object = from.object("HostConfig");
  if (!object)
    return;
  const auto host = from.below("HostConfig", *object);
  for (const auto& [key, value] : *object)
    if (!contains(known_host, {key.data(), key.size()}))
      host.fail({key.data(), key.size()},
                "is not supported for process modules");
  auto& limits = into.limits;
  limits.memory = host.number("Memory", 0, any);
  if (limits.memory && *limits.memory > 0 && *limits.memory < least_memory)
    host.fail("Memory",
              "must be at least " + std::to_string(least_memory) + " bytes");
  check_zero(host, "Memory", limits.memory, true);
  limits.nano_cpus = host.number("NanoCpus", 0, any);
  check_zero(host, "NanoCpus", limits.nano_cpus, support.cpu);
  if (const auto* pids = host.find("PidsLimit");
      pids && !(pids->is_int64() && pids->get_int64() <= 0) && !pids->is_null())
    limits.pids = host.number("PidsLimit", 1, any);
  check_zero(host, "PidsLimit", limits.pids, support.pids);
  read_ulimits(host, limits);
  read_binds(host, into);
  read_mounts(host, into);
  check_ports(host);
  if (const auto mode = host.text("NetworkMode"); mode && *mode != "host")
    host.fail("NetworkMode", "a process module has the host's network");
  if (host.boolean("Privileged").value_or(false))
    host.fail("Privileged", "is not supported for process modules");
  if (host.find("RestartPolicy"))
    host.fail("RestartPolicy", "belongs beside settings, as restartPolicy");
}

} // namespace

process_options read_process_options(const field_reader& from,
                                     limit_support support) {
  process_options options;
  for (const auto& [key, value] : from.all()) {
    const std::string_view name{key.data(), key.size()};
    if (!contains(known, name) && !contains(ignored, name))
      from.fail(name, "is not supported for process modules");
  }
  options.entrypoint = from.texts("Entrypoint").value_or(options.entrypoint);
  options.command = from.texts("Cmd").value_or(options.command);
  options.working_folder = from.text("WorkingDir").value_or("");
  if (!options.working_folder.empty() && options.working_folder.front() != '/')
    from.fail("WorkingDir", "must be an absolute path");
  options.user = from.text("User").value_or("");
  if (const auto grace = from.number("StopTimeout", 0, 3600))
    options.stop_grace
      = std::chrono::seconds{static_cast<std::int64_t>(*grace)};
  if (const auto signal = from.text("StopSignal");
      signal && *signal != "SIGTERM" && *signal != "15")
    from.fail("StopSignal", "process modules are stopped with SIGTERM");
  read_env(from, options);
  read_health(from, options);
  read_host(from, support, options);
  return options;
}

} // namespace tidegate::deployment
