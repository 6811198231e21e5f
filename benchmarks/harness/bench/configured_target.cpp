#include "benchmarks/harness/bench/identified_target.hpp"
#include "benchmarks/harness/nodes/management.hpp"
#include "benchmarks/harness/nodes/node.hpp"
#include "messages/error_text.hpp"
#include "runtime/config/config.hpp"

namespace tidegate::harness {

namespace {

/// Identities at somebody's hub, removed again at the end.
class borrowed_identities {
public:
  explicit borrowed_identities(management hub) : hub_(std::move(hub)) {}
  ~borrowed_identities() {
    for (const auto& id : made_)
      hub_.remove(id);
  }
  borrowed_identities(const borrowed_identities&) = delete;
  borrowed_identities& operator=(const borrowed_identities&) = delete;

  caf::expected<connection_string> make(identity wanted) {
    hub_.remove(wanted.id); // left by a run that was killed, if any
    auto made = hub_.create(wanted);
    if (made)
      made_.push_back(wanted.id);
    return made;
  }

private:
  management hub_;
  std::vector<identity_id> made_;
};

/// The listener that `options` connect to, if it is on.
std::optional<listen_address> listener(const config& of,
                                       const bench_options& options) {
  const auto amqp = options.speaks == protocol::amqp;
  switch (options.over) {
  case layer::tls:
    return amqp ? of.listeners.amqps : of.listeners.mqtts;
  case layer::websocket:
    return of.listeners.ws;
  case layer::secure_websocket:
    return of.listeners.https;
  case layer::plain:
    break;
  }
  return amqp ? of.listeners.amqp : of.listeners.mqtt;
}

std::filesystem::path socket_of(const config& of) {
  return of.node.run / "management.sock";
}

config_result load(const std::string& file, bench_target& target) {
  auto loaded = load_config(file);
  if (!loaded.errors.empty())
    target.fault = to_string(loaded.errors.front());
  return loaded;
}

std::string text_at(const boost::json::object& in, std::string_view key) {
  const auto* const value = in.if_contains(key);
  return value && value->is_string() ? std::string{value->as_string()}
                                     : std::string{};
}

} // namespace

bench_target configured_target(const bench_options& options) {
  bench_target target;
  target.server = foreign_server(options.server_pid);
  const auto here = load(options.config, target);
  const auto hub = load(
    options.hub_config.empty() ? options.config : options.hub_config, target);
  if (!target.fault.empty())
    return target;
  const auto status = management{socket_of(here.value)}.status();
  const auto at = listener(here.value, options);
  if (!status)
    target.fault = error_text(status.error());
  else if (!at || at->port == 0)
    target.fault = options.config
                   + ": no listener with a known port for "
                     "--protocol and --over is on";
  if (!target.fault.empty())
    return target;

  const auto device = text_at(*status, "device");
  const auto parent = hub.value.file == here.value.file ? "" : device;
  const auto identities
    = std::make_shared<borrowed_identities>(management{socket_of(hub.value)});
  target.keep = identities;
  endpoint door;
  door.address = at->host == "*" ? "127.0.0.1" : at->host;
  door.port = at->port;
  door.host = text_at(*status, "host");
  door.over = options.over;
  auto https = door;
  https.port
    = here.value.listeners.https ? here.value.listeners.https->port : 0;
  https.over = layer::tls;
  const auto make = [&](identity_id id, const std::string& behind) {
    identity wanted;
    wanted.id = std::move(id);
    wanted.parent = behind;
    return identities->make(std::move(wanted));
  };
  add_clients(target, options,
              {[&](const auto& name) {
                 return make({name, {}}, parent);
               },
               [&](const auto& name) {
                 return make({device, name}, {});
               },
               door, https});
  target.events_command
    = {own_program().string(), "events", "--follow", "--json", "--config",
       hub.value.file.string()};
  return target;
}

} // namespace tidegate::harness
