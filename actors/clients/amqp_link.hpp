#pragma once

#include "actors/clients/command_sender.hpp"
#include "actors/clients/events_receiver.hpp"
#include "actors/clients/input_sender.hpp"
#include "actors/clients/link_role.hpp"
#include "actors/clients/settled_sender.hpp"
#include "actors/service/service_link.hpp"
#include "messages/iothub/service_address.hpp"

#include <cstddef>
#include <limits>
#include <list>
#include <memory>
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
  /// Link property of twin and method links, without its kind: both links of a
  /// pair have the same (edge-hub spec 2.4). May be empty.
  std::string correlation;
  /// Messages on their way to the client that it has not decided about.
  std::size_t most_unsettled = std::numeric_limits<std::size_t>::max();
  enum class phase {
    verifying, ///< its identity is being judged; the client waits
    serving,
    closed ///< from this side; the client has not followed yet
  };
  phase is = phase::verifying;
  /// It was closed before it was ever served.
  bool refused = false;
  /// It keeps the connection in use: not one of cbs, and not closed.
  bool in_use = false;
  /// Bytes here of a transfer that is not complete.
  std::size_t partial = 0;
  std::optional<events_receiver> events; ///< role `events`, once serving
  std::optional<input_sender> inputs;    ///< role `inputs`, once serving
  /// Roles `twin_replies` and `method_requests`, once serving.
  std::unique_ptr<settled_sender> settled;
  /// Role `devicebound`, once serving.
  std::unique_ptr<command_sender> commands;
  /// Role `service`: what it is about and, once serving, what happens on it.
  service_address service_at;
  std::unique_ptr<service_link> service;
  /// There was credit: the node knows that this link takes inputs, or
  /// messages from the cloud.
  bool announced = false;
  /// Role `twin_replies`: the client has not unsubscribed.
  bool wants_desired = true;
  /// Role `events`: transfers are not settled, or are being refused.
  bool busy = false;
  /// Where this record is kept.
  std::list<amqp_link>::iterator place = {};
  /// Role `twin_requests`: transfers that are not answered.
  int open_requests = 0;
};

/// The record of a link that has one; null when it was dropped.
amqp_link* link_of(pn_link_t* link);

} // namespace tidegate
