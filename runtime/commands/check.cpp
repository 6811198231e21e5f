#include "messages/error_text.hpp"
#include "runtime/commands/commands.hpp"
#include "runtime/commands/output.hpp"
#include "runtime/commands/table.hpp"
#include "runtime/config/values.hpp"
#include "runtime/engines/docker/engine_api.hpp"
#include "runtime/engines/shim_process.hpp"
#include "runtime/net/certificates.hpp"
#include "runtime/net/listener.hpp"
#include "runtime/node/module_agent.hpp"
#include "runtime/node/profile.hpp"
#include "runtime/node/route_source.hpp"

#include <boost/json.hpp>
#include <chrono>
#include <cstdio>
#include <fcntl.h>
#include <fstream>
#include <memory>
#include <sstream>
#include <unistd.h>

namespace tidegate {

namespace {

namespace fs = std::filesystem;

/// One thing that was looked at. `problem` is empty when it is fine.
struct finding {
  std::string what;
  std::string problem;
};

/// Writes, syncs and reads back a file in the data folder, as the store will.
std::string probe_disk(const fs::path& data) {
  std::error_code failed;
  fs::create_directories(data, failed);
  if (failed)
    return failed.message();
  const auto file = data / "check.tmp";
  const int handle
    = ::open(file.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (handle < 0)
    return std::string{"cannot create a file: "} + std::strerror(errno);
  constexpr std::string_view text = "tidegate";
  char back[text.size()]{};
  const auto good
    = ::write(handle, text.data(), text.size()) == ssize_t{text.size()}
      && ::fdatasync(handle) == 0
      && ::pread(handle, back, sizeof back, 0) == ssize_t{sizeof back}
      && std::string_view{back, sizeof back} == text;
  const std::string why = good ? "" : std::strerror(errno);
  ::close(handle);
  fs::remove(file, failed);
  return good ? "" : "cannot write, sync and read back: " + why;
}

std::string probe_certificate(const config& with) {
  std::ifstream in{with.tls.certificate};
  std::stringstream text;
  text << in.rdbuf();
  const auto expiry = certificate_expiry(text.str());
  if (!expiry)
    return error_text(expiry.error());
  const auto left = *expiry - std::chrono::system_clock::now();
  if (left < std::chrono::seconds{0})
    return "has expired";
  tls_server_options options;
  options.certificate_file = with.tls.certificate;
  options.key_file = with.tls.key;
  const auto usable = tls_server::open(options);
  return usable ? "" : error_text(usable.error());
}

std::string probe_port(const listen_address& at) {
  io_loop loop;
  listen_options options;
  options.address = at.host == "*" ? "" : at.host;
  options.port = at.port;
  const auto opened = listen(loop, options, [](byte_stream, peer_info) {});
  if (!opened)
    return error_text(opened.error());
  (*opened)->stop();
  return {};
}

std::string probe_file(const fs::path& file) {
  return std::ifstream{file} ? "" : "cannot be read";
}

std::string probe_key(const fs::path& file) {
  std::ifstream in{file};
  std::stringstream text;
  text << in.rdbuf();
  return in ? key_fault(text.str()) : "cannot be read";
}

/// A clock before the program was written is not set.
std::string probe_clock() {
  const std::chrono::sys_days written{std::chrono::year{2026} / 1 / 1};
  return std::chrono::system_clock::now() < written
           ? "is before 2026; tokens cannot be judged"
           : "";
}

/// Processes run behind the shim, which lies beside this program.
std::string probe_engine(const config& with) {
  if (with.modules.engine == "docker")
    return docker::probe_engine_api(with.modules.docker.socket.string());
  const auto shim = default_shim();
  if (::access(shim.c_str(), X_OK) != 0)
    return shim.string() + ": " + std::strerror(errno);
  std::error_code unknown;
  const auto& programs = with.modules.programs;
  if (!programs.empty() && !fs::is_directory(programs, unknown))
    return "modules.programs: " + programs.string() + " is no folder";
  return {};
}

/// What the node would find out about itself when it starts.
void probe_plan(const config& with, std::vector<finding>& all) {
  const auto who = make_profile(with);
  all.push_back({"identity", who ? "" : error_text(who.error())});
  const auto manifest
    = load_manifest(with, manifest_rules_of(with, who ? *who : node_profile{}));
  if (!with.modules.manifest.empty())
    all.push_back({"manifest " + with.modules.manifest.string(),
                   manifest ? "" : error_text(manifest.error())});
  if (who && manifest) {
    const auto routes = initial_routes(with, *who, *manifest, {});
    all.push_back({"routes", routes ? "" : error_text(routes.error())});
  }
  all.push_back({"engine", probe_engine(with)});
}

/// What a hub's event log keeps: it is a ring, whatever `store.on_full` says.
finding describe_log(const config& with) {
  const auto quota = size_text(static_cast<double>(with.store.quota));
  const auto size = with.events.retention_size;
  std::string what = "event log: ";
  if (with.events.retention_age.count() >= 0)
    what += "events of the last "
            + duration_text(std::chrono::duration_cast<std::chrono::seconds>(
                              with.events.retention_age)
                              .count())
            + ", ";
  what += size > 0 ? "the newest " + size_text(static_cast<double>(size))
                   : "the newest";
  what += "; at store.quota, " + quota
          + ", the oldest make room, whatever store.on_full says";
  return {what, size > with.store.quota
                  ? "events.retention_size is beyond store.quota, which will "
                    "push events out before"
                  : ""};
}

std::vector<finding> probe(const config& with) {
  std::vector<finding> all;
  probe_plan(with, all);
  if (const auto who = make_profile(with); who && who->is_hub())
    all.push_back(describe_log(with));
  all.push_back({"clock", probe_clock()});
  all.push_back(
    {"disk " + with.node.data.string(), probe_disk(with.node.data)});
  const auto& broker = with.parent.mqtt;
  for (const auto* file :
       {&with.parent.ca_file, &broker.certificate, &broker.password_file})
    if (!file->empty())
      all.push_back({"file " + file->string(), probe_file(*file)});
  for (const auto* key : {&broker.key, &with.tls.issuer_key})
    if (!key->empty())
      all.push_back({"key " + key->string(), probe_key(*key)});
  const auto& at = with.listeners;
  if (!with.tls.certificate.empty() && (at.mqtts || at.amqps || at.https))
    all.push_back({"certificate " + with.tls.certificate.string(),
                   probe_certificate(with)});
  const std::pair<const char*, const std::optional<listen_address>*> ports[]{
    {"mqtts", &at.mqtts},
    {"amqps", &at.amqps},
    {"https", &at.https},
    {"mqtt", &at.mqtt},
    {"amqp", &at.amqp},
    {"ws", &at.ws},
    {"metrics", &with.metrics.listen}};
  for (const auto& [name, address] : ports)
    if (*address)
      all.push_back({std::string{"port "} + name + ' ' + to_string(**address),
                     probe_port(**address)});
  return all;
}

int report(const std::vector<finding>& all, bool as_json) {
  bool good = true;
  boost::json::array list;
  for (const auto& [what, problem] : all) {
    good = good && problem.empty();
    list.emplace_back(boost::json::object{
      {"check", what}, {"ok", problem.empty()}, {"problem", problem}});
    if (!as_json)
      std::printf("%-6s %s%s%s\n", problem.empty() ? "ok" : "FAILED",
                  what.c_str(), problem.empty() ? "" : ": ", problem.c_str());
  }
  if (as_json)
    print_json(list);
  return good ? 0 : 1;
}

int print_keys() {
  std::string section;
  for (const auto& key : config_keys()) {
    const auto dot = key.name.find('.');
    if (const auto of = key.name.substr(0, dot); of != section) {
      section = of;
      std::printf("\n[%s]\n", section.c_str());
    }
    std::printf("# %s\n%s = %s\n", key.meaning.c_str(),
                key.name.substr(dot + 1).c_str(), key.initial.c_str());
  }
  return 0;
}

struct check_options {
  std::string file = "/etc/tidegate/tidegate.toml";
  bool json = false;
  bool keys = false;
};

int check(const check_options& with) {
  if (with.keys)
    return print_keys();
  const auto loaded = load_config(with.file);
  for (const auto& error : loaded.errors)
    std::fprintf(stderr, "tidegate: %s\n", to_string(error).c_str());
  if (!loaded.errors.empty())
    return 2;
  return report(probe(loaded.value), with.json);
}

} // namespace

void add_check_command(CLI::App& app, int& code) {
  auto* command = app.add_subcommand(
    "check", "Validate a configuration, then probe manifest, routes, engine, "
             "disk, clock, certificate and ports of a node that is not "
             "running");
  auto with = std::make_shared<check_options>();
  command->add_option("--config,-c", with->file, "the node's configuration")
    ->capture_default_str();
  command->add_flag("--json", with->json, "print JSON");
  command->add_flag("--keys", with->keys,
                    "print every key with its default and meaning instead");
  command->callback([with, &code] { code = check(*with); });
}

} // namespace tidegate
