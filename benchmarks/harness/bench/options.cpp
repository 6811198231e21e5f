#include "benchmarks/harness/bench/options.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>
#include <map>

namespace tidegate::harness {

namespace {

const std::map<std::string, bench_mode> modes{
  {"stream", bench_mode::stream},  {"drain", bench_mode::drain},
  {"events", bench_mode::events},  {"start", bench_mode::start},
  {"idle", bench_mode::idle},      {"twins", bench_mode::twins},
  {"methods", bench_mode::methods}};
const std::map<std::string, layer> layers{{"plain", layer::plain},
                                          {"tls", layer::tls},
                                          {"ws", layer::websocket},
                                          {"wss", layer::secure_websocket}};
const std::map<std::string, protocol> protocols{{"mqtt", protocol::mqtt},
                                                {"amqp", protocol::amqp}};

/// A choice by name. What the names stand for is nothing to show.
template <class Enum>
CLI::Validator one_of(const std::map<std::string, Enum>& names) {
  std::string list;
  for (const auto& [name, value] : names)
    list += (list.empty() ? "" : ", ") + name;
  return CLI::Validator{[&names, list](std::string& given) -> std::string {
                          const auto found = names.find(given);
                          if (found == names.end())
                            return given + " is none of " + list;
                          given
                            = std::to_string(static_cast<int>(found->second));
                          return {};
                        },
                        ""};
}

void add_target(CLI::App& command, bench_options& into) {
  auto* target = command.add_option_group("target", "What is measured");
  target->add_option("--broker", into.broker, "any MQTT broker, HOST:PORT");
  target->add_option("--config", into.config,
                     "a node on this machine, by its configuration");
  target->add_option("--credentials", into.credentials,
                     "file of lines: publish|subscribe CONNECTION-STRING");
  target->add_flag("--own-node", into.own_node,
                   "a hub and a gateway started for the measurement");
  target->require_option(1);
  command.add_option("--hub-config", into.hub_config,
                     "the hub of --config, when that is a gateway");
  command.add_option("--server-command", into.server_command,
                     "starts the --broker for the measurement");
  command.add_option("--at", into.at, "HOST:PORT for --credentials");
  command.add_option("--folder", into.folder,
                     "where --own-node keeps its data (default: a new one)");
  command.add_option("--durability", into.durability, "of --own-node")
    ->check(CLI::IsMember({"power", "process", "none"}));
  command.add_option("--topic", into.topic, "first topic level at --broker");
  command.add_option("--user", into.user, "user name at --broker");
  command.add_option("--password", into.password, "password at --broker");
  command.add_option("--ca-file", into.ca_file,
                     "who to trust (default: anyone)");
}

void add_load(CLI::App& command, bench_options& into) {
  command
    .add_option("--mode", into.mode,
                "stream, drain, events, start, idle, twins, methods")
    ->transform(one_of(modes));
  command.add_option("--protocol", into.speaks, "mqtt or amqp")
    ->transform(one_of(protocols));
  command.add_option("--over", into.over, "plain, tls, ws or wss")
    ->transform(one_of(layers));
  command.add_option("--publishers", into.publishers, "connections that send")
    ->check(CLI::Range(1, 100'000));
  command
    .add_option("--subscribers", into.subscribers, "connections that receive")
    ->check(CLI::Range(0, 10'000));
  command.add_option("--window", into.window, "unacknowledged, per publisher")
    ->check(CLI::Range(1, 65'535));
  command.add_option("--rate", into.rate, "messages/s in all; 0: no limit")
    ->check(CLI::NonNegativeNumber);
  command.add_option("--size", into.size, "bytes of payload")
    ->check(CLI::Range(smallest_payload, std::size_t{1} << 28));
  command.add_option("--duration", into.duration, "seconds")
    ->check(CLI::NonNegativeNumber);
  command.add_option("--count", into.count, "messages, instead of a duration");
  command.add_option("--warm-up", into.warm_up, "seconds left out of latency")
    ->check(CLI::NonNegativeNumber);
  command
    .add_option("--live-rate", into.live_rate,
                "messages/s beside a drain, measured apart")
    ->check(CLI::NonNegativeNumber);
  command.add_option("--connections", into.connections, "idle ones")
    ->check(CLI::Range(1, 100'000));
  command.add_option("--server-pid", into.server_pid,
                     "whose memory is read at --broker");
  command
    .add_option("--patience", into.patience,
                "seconds without progress that end the wait")
    ->check(CLI::PositiveNumber);
}

} // namespace

void add_bench_options(CLI::App& command, bench_options& into) {
  add_target(command, into);
  add_load(command, into);
  command.add_flag("--json", into.json, "the result as one JSON object");
  command.add_flag("--progress", into.progress,
                   "a line each second, also when not on a terminal");
}

std::string check(const bench_options& options) {
  if (options.mode == bench_mode::drain && options.count == 0)
    return "--mode drain needs --count, the size of the backlog";
  const auto commanded = options.own_node || !options.server_command.empty();
  if (options.mode == bench_mode::idle && !commanded && options.server_pid == 0)
    return "--mode idle needs --server-pid, or a server started for it";
  if (options.mode == bench_mode::start && !commanded)
    return "--mode start needs --own-node or --server-command";
  if (options.mode == bench_mode::events && !options.broker.empty())
    return "--mode events needs a hub; a broker keeps no event log";
  const auto asks
    = options.mode == bench_mode::twins || options.mode == bench_mode::methods;
  if (asks && (!options.broker.empty() || !options.credentials.empty()))
    return "--mode twins and methods need --own-node or --config";
  if (asks && options.speaks == protocol::amqp)
    return "--mode twins and methods speak MQTT only";
  if (options.mode == bench_mode::methods && options.subscribers == 0)
    return "--mode methods needs --subscribers, who answer";
  if (options.speaks == protocol::amqp && !options.broker.empty())
    return "--broker speaks MQTT only";
  if (!options.credentials.empty() && options.at.empty())
    return "--credentials needs --at, the address to connect to";
  return {};
}

} // namespace tidegate::harness
