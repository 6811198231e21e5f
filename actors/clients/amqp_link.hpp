#pragma once

#include "actors/clients/events_receiver.hpp"
#include "actors/clients/input_sender.hpp"
#include "actors/clients/link_role.hpp"

#include <cstddef>
#include <optional>
#include <string>

struct pn_link_t;

namespace tidegate {

/// What a session knows about one link of its client.
struct amqp_link {
  pn_link_t* link = nullptr;
  link_role role = link_role::cbs_requests;
  identity_id id;
  std::string auth_chain; ///< link property; empty: the client itself
  std::string model_id;   ///< link property; may be empty
  enum class phase {
    verifying, ///< its identity is being judged; the client waits
    serving,
    closed ///< from this side; the client has not followed yet
  };
  phase is = phase::verifying;
  /// Bytes here of a transfer that is not complete.
  std::size_t partial = 0;
  std::optional<events_receiver> events; ///< role `events`, once serving
  std::optional<input_sender> inputs;    ///< role `inputs`, once serving
  /// The router knows that this link takes inputs.
  bool announced = false;
};

} // namespace tidegate
