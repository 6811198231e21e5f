#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace tidegate::harness {

/// The listeners of a node on loopback, by port; 0 is off.
struct node_ports {
  std::uint16_t mqtt = 0;
  std::uint16_t mqtts = 0;
  std::uint16_t amqp = 0;
  std::uint16_t amqps = 0;
  std::uint16_t https = 0;
  std::uint16_t ws = 0;
};

/// The parts of a node's configuration that the harness decides.
struct node_settings {
  std::string host;
  std::filesystem::path folder; ///< data and sockets go below it
  std::filesystem::path certificate;
  std::filesystem::path key;
  std::filesystem::path ca_file; ///< whom it and its modules trust
  node_ports ports;
  std::string durability = "power";
  std::string quota = "10 GiB";
  std::string time_to_live; ///< empty: the node's own default
  std::map<std::string, std::string> routes;
  std::filesystem::path manifest; ///< empty: no modules
  std::filesystem::path programs;
  /// What makes the machine of the node a bad one when it is told to; empty:
  /// nothing does. See `machine`.
  std::filesystem::path machine_library;
  /// Empty: the node is a hub.
  std::string parent_connection;
  std::uint16_t parent_amqp_port = 0;
  std::uint16_t parent_https_port = 0;
};

/// The configuration file for these settings. Limits and pauses are set so
/// that neither many connections nor many restarts wait for anything.
std::string node_configuration(const node_settings& settings);

/// A TCP port of loopback that nothing listens on now.
std::uint16_t free_port();

/// `free_port` for every listener.
node_ports free_ports();

} // namespace tidegate::harness
