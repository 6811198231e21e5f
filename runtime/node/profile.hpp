#pragma once

#include "messages/iothub/connection_string.hpp"
#include "runtime/config/config.hpp"

#include <caf/expected.hpp>
#include <optional>
#include <string>
#include <vector>

namespace tidegate {

/// Who a node is, worked out once from its configuration; the only place that
/// asks for the role.
struct node_profile {
  std::string host;     ///< the name clients connect to
  std::string hub_host; ///< the hub's name in tokens and connection strings
  std::string device;   ///< the device this node's modules belong to
  /// How a gateway shows itself to its parent; nothing at a hub.
  std::optional<connection_string> parent;
  /// What is above this node is a broker.
  bool has_broker = false;

  /// Nothing is above this node: `$upstream` leads to its own event log.
  bool is_hub() const { return !parent && !has_broker; }
  /// Identities are decided here: nobody above knows them.
  bool is_authority() const { return !parent; }
};

/// This machine's name, or `localhost`.
std::string machine_name();

/// Every name that clients may know this node by.
std::vector<std::string> hosts_of(const node_profile& who);

/// Reads the connection string (from its file, if it is in one) and fills in
/// what the configuration leaves open. `ec::bad_argument` names the key.
caf::expected<node_profile> make_profile(const config& from);

} // namespace tidegate
