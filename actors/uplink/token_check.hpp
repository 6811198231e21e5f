#pragma once

#include "actors/identity/token_checker.hpp"
#include "actors/uplink/connector.hpp"

#include <caf/actor_system.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace tidegate {

/// Where clients' own tokens are checked.
struct token_check_context {
  std::shared_ptr<connector> network;
  parent_endpoint parent;
  std::string device;   ///< the edge device that this node is
  std::string hub_host; ///< the hub's name, which tokens are for
  /// Time for the whole check.
  std::chrono::milliseconds patience{20'000};
};

/// Checks each token on a connection of its own, which ends with the check: it
/// shows the token (put-token), then opens a link for events in the client's
/// name. A connection that others use would tell too little, for a hub does
/// not look at the token of whom it has admitted on it already; and a wrong
/// token would take the place of the right one there.
std::shared_ptr<token_checker> make_token_checker(caf::actor_system& in,
                                                  token_check_context context);

} // namespace tidegate
