#pragma once

#include "actors/uplink/connector.hpp"
#include "messages/block.hpp"

#include <caf/actor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace tidegate {

/// Every limit and time of a parent session (edge-hub spec 6; design
/// section 6).
struct uplink_options {
  /// From asking for a connection until the parent has taken the token.
  std::chrono::milliseconds open_timeout{60'000};
  /// Messages wait and nothing is acknowledged: the connection is rebuilt.
  std::chrono::milliseconds stall_timeout{20'000};
  /// A link that sent nothing for this long is closed.
  std::chrono::milliseconds idle_timeout{std::chrono::hours{1}};
  std::chrono::seconds token_lifetime{3600};
  /// How long before its end a token is renewed on the live connection.
  std::chrono::seconds token_margin{600};
  /// Messages with the uplink at most, when they are small; fewer when they
  /// are large, see `delivery_window`.
  std::uint32_t window = 20'000;
  /// Links at the same time; each sender has one, and so has this node.
  std::size_t most_links = 1000;
  /// Send batches to a parent that takes them.
  bool batches = true;
};

/// Signs what a token says with the key of this node: HMAC-SHA256, in base64.
/// Called once per attempt to connect; nothing when it cannot sign now.
using token_signer
  = std::function<std::optional<std::string>(std::string_view data)>;

/// What a parent session is given.
struct uplink_context {
  /// Takes `target_ready` and `target_gone`.
  caf::actor router;
  std::shared_ptr<connector> network;
  parent_endpoint parent;
  /// The edge device that this node is.
  std::string device;
  /// The hub's name, which tokens are for; the parent's address may differ.
  std::string hub_host;
  token_signer sign;
  std::function<wall_time()> now;
  uplink_options options;
};

} // namespace tidegate
