#include "benchmarks/harness/chaos/relay.hpp"

#include "benchmarks/harness/load/event_loop.hpp"
#include "benchmarks/harness/nodes/client_identity.hpp"
#include "module_client/workload.hpp"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace tidegate::harness {

namespace {

/// As many as the gateway has under way to one client.
constexpr std::uint16_t window = 1000;
/// Longer than any run.
constexpr std::chrono::hours token_life{24 * 7};

std::string variable(const char* name) {
  const auto* const value = std::getenv(name);
  return value ? value : "";
}

std::string token(const module::module_identity& who) {
  const auto resource = module::token_resource(who);
  const auto expires = std::chrono::time_point_cast<std::chrono::seconds>(
    std::chrono::system_clock::now() + token_life);
  const auto text
    = resource + '\n' + std::to_string(expires.time_since_epoch().count());
  return module::token_text(resource, module::workload_sign(who, text),
                            expires);
}

client_spec relay_spec() {
  const auto who = module::read_identity(variable);
  const auto port = variable(relay_port);
  endpoint gateway;
  gateway.address = "127.0.0.1";
  gateway.host = who.gateway_host;
  std::from_chars(port.data(), port.data() + port.size(), gateway.port);
  const auto speaks
    = variable(relay_protocol) == "amqp" ? protocol::amqp : protocol::mqtt;
  auto spec = describe(who.hub_host, {who.device, who.module}, gateway, speaks,
                       role::relay);
  spec.password = token(who);
  spec.window = window;
  return spec;
}

/// Until a signal ends it.
int run_relay() try {
  event_loop loop;
  boost::asio::ssl::context tls{boost::asio::ssl::context::tls_client};
  const stream_factory streams{loop.io(), tls};
  relay module{streams, relay_spec()};
  module.start();
  loop.run_until([] { return false; }, [] { return 0; },
                 std::chrono::hours{24 * 365});
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "tidegate %s: %s\n", relay_command, error.what());
  return 1;
}

} // namespace

void add_relay_command(CLI::App& app, int& result) {
  app
    .add_subcommand(relay_command,
                    "The module of `tidegate chaos`; its gateway starts it")
    ->group("") // hidden
    ->callback([&result] { result = run_relay(); });
}

} // namespace tidegate::harness
