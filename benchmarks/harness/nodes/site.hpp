#pragma once

#include "benchmarks/harness/chaos/uplink_proxy.hpp"
#include "benchmarks/harness/net/client.hpp"
#include "benchmarks/harness/nodes/node.hpp"

#include <functional>
#include <memory>
#include <string>

namespace tidegate::harness {

/// The name of the site's edge device: the first part of its modules' ids.
inline constexpr const char* edge_device = "edge-1";

/// What a site of the harness is to be.
struct site_plan {
  std::filesystem::path folder;  ///< is made; nothing else may be in it
  std::filesystem::path program; ///< the `tidegate` to run
  std::string durability = "power";
  std::string gateway_quota = "10 GiB";
  std::string gateway_time_to_live; ///< empty: the node's own default
  /// For both nodes, see `node_settings`.
  std::filesystem::path machine_library;
  std::map<std::string, std::string> gateway_routes;
  /// Makes the deployment manifest of the gateway, JSON, once its ports are
  /// known; null: no modules.
  std::function<std::string(const node_ports&)> manifest;
};

/// A hub, a gateway behind it, and the wires between them, all of this
/// machine. Both go when this object does.
class site {
public:
  site(event_loop& loop, site_plan plan);

  /// Starts everything and waits for it. An error text, or empty.
  std::string start();

  /// Ends both in order, the gateway first. False when one had to be killed.
  bool end();

  node& hub() { return *hub_; }
  node& gateway() { return *gateway_; }
  const node& gateway() const { return *gateway_; }
  /// Both wires between gateway and hub.
  void set_wires(wire how);

  /// Identities behind the gateway, and what their clients connect with.
  caf::expected<connection_string> add_device(const std::string& name) const;
  caf::expected<connection_string> add_module(const std::string& name) const;

  /// Where clients find the gateway.
  endpoint gateway_door(protocol speaks, layer over) const;

private:
  node_settings common_settings(const std::string& name) const;
  std::string start_hub();
  std::string start_gateway();

  event_loop& loop_;
  site_plan plan_;
  std::unique_ptr<node> hub_;
  std::unique_ptr<node> gateway_;
  std::unique_ptr<uplink_proxy> amqp_wire_;
  std::unique_ptr<uplink_proxy> https_wire_;
};

/// A new folder below the system's folder for temporary files.
std::filesystem::path new_folder();

} // namespace tidegate::harness
