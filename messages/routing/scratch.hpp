#pragma once

#include "messages/routing/arena.hpp"
#include "messages/routing/guid_source.hpp"
#include "messages/routing/message_body.hpp"

#include <cstdint>

namespace tidegate::routing {

/// Memory that evaluating conditions needs, kept between messages so that
/// they do not allocate. For one thread at a time; one per thread is enough.
/// Small when idle: large messages leave nothing behind.
struct scratch {
  /// `seed` makes the message ids; use a random one.
  explicit scratch(std::uint64_t seed) : guids{seed} {}

  arena room;
  message_body body;
  guid_source guids;
};

} // namespace tidegate::routing
