#pragma once

#include "messages/identity_id.hpp"

#include <optional>
#include <string_view>

namespace tidegate {

/// What an AMQP link is about (edge-hub spec 2.4). What it is for follows from
/// this and from the end the client takes.
enum class link_resource {
  cbs,          ///< `$cbs`; no identity
  events,       ///< telemetry in; to a module, its inputs out
  device_bound, ///< cloud-to-device messages
  twin,
  methods
};

struct link_address {
  link_resource resource = link_resource::cbs;
  identity_id id;

  bool operator==(const link_address&) const = default;
};

/// The path of an address, `amqps://host/path`, `/path` or `path`, without the
/// `/` in front.
std::string_view address_path(std::string_view text);

/// Reads a link address: `amqps://host/path`, `/path` or `path`, compared
/// without case, ids percent-decoded. Nothing when it is none of the hub's.
std::optional<link_address> parse_link_address(std::string_view text);

} // namespace tidegate
