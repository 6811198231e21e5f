#pragma once

#include "actors/clients/client_messages.hpp"
#include "actors/metrics.hpp"
#include "actors/uplink/connector.hpp"
#include "messages/block.hpp"
#include "messages/method_messages.hpp"
#include "storage/own_tokens.hpp"

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
  /// The parent may take this long to answer a question about a twin.
  std::chrono::milliseconds operation_timeout{20'000};
  /// A parent that has answered nothing for this long is asked something.
  std::chrono::milliseconds check_period{300'000};
  /// A link that sent nothing for this long is closed.
  std::chrono::milliseconds idle_timeout{std::chrono::hours{1}};
  std::chrono::seconds token_lifetime{3600};
  /// How long before its end a token is renewed on the live connection.
  std::chrono::seconds token_margin{600};
  /// Messages with the uplink at most, when they are small; fewer when they
  /// are large, see `delivery_window`.
  std::uint32_t window = 20'000;
  /// Links for telemetry at the same time; each sender has one, and so has
  /// this node.
  std::size_t most_links = 5'000;
  /// Links for everything else: two for a twin, two for methods, one for
  /// messages from the cloud.
  std::size_t most_dialog_links = 30'000;
  /// Where more are wanted, a client keeps its links for so long.
  std::chrono::milliseconds link_turn{30'000};
  /// The backlog waits this long at most for what is to be sent before it.
  std::chrono::milliseconds catch_up_patience{5'000};
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
  /// Take `upstream_ready`, and what the parent says (`upstream_messages.hpp`);
  /// nobody: there is no dialog of that kind.
  caf::actor twins;
  caf::actor c2d;
  methods_actor methods;
  client_registry_actor clients;
  std::shared_ptr<metrics> meters;
  std::shared_ptr<connector> network;
  parent_endpoint parent;
  /// The edge device that this node is.
  std::string device;
  /// The hub's name, which tokens are for; the parent's address may differ.
  std::string hub_host;
  token_signer sign;
  std::function<wall_time()> now;
  /// Clients whose links are opened with tokens of their own; null: nobody's.
  std::shared_ptr<const own_tokens> tokens;
  /// Takes `own_token_refused`.
  caf::actor identities;
  uplink_options options;
};

} // namespace tidegate
