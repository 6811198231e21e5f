#pragma once

#include "messages/identity.hpp"
#include "messages/iothub/connection_string.hpp"

#include <boost/json/object.hpp>
#include <caf/expected.hpp>
#include <filesystem>
#include <string>

namespace tidegate::harness {

/// The operator's calls to a node of this machine, over its management
/// socket. Each waits for its answer.
class management {
public:
  explicit management(std::filesystem::path socket)
    : socket_(std::move(socket)) {}

  /// Creates an identity at a hub; returns what its client connects with.
  caf::expected<connection_string> create(const identity& wanted) const;
  caf::error remove(const identity_id& id) const;

  /// Sets the desired property `n` of a device, at a hub.
  caf::error want(const std::string& device, std::uint64_t n) const;
  /// The reported property `n` of a device, at a hub.
  caf::expected<std::uint64_t> reported(const std::string& device) const;

  /// Calls the method `echo` of a device, at a hub, and returns the `n` that
  /// the device answered with. `ec::timed_out`: there was no answer at all.
  caf::expected<std::uint64_t> invoke(const std::string& device,
                                      std::uint64_t n) const;

  /// What `tidegate status --json` shows.
  caf::expected<boost::json::object> status() const;

private:
  caf::expected<boost::json::object> call(const std::string& method,
                                          const std::string& target,
                                          std::string body) const;

  std::filesystem::path socket_;
};

/// Messages that the lanes in a node's status still hold.
std::uint64_t pending_messages(const boost::json::object& status);

/// Messages that they have taken in all.
std::uint64_t accepted_messages(const boost::json::object& status);

/// Messages that a node's store refused since it started, for lack of room.
std::uint64_t refused_messages(const boost::json::object& status);

/// Whether a gateway's status shows its uplink as connected.
bool uplink_connected(const boost::json::object& status);

} // namespace tidegate::harness
