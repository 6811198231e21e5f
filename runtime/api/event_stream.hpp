#pragma once

#include "actors/routing/event_log.hpp"
#include "runtime/api/actor_bridge.hpp"
#include "runtime/api/event_document.hpp"
#include "runtime/http/responder.hpp"

namespace tidegate {

struct event_stream_options {
  std::uint64_t from = 0;
  bool follow = false; ///< go on at the end, as events come
};

/// Answers with the events of `log`, one JSON document a line, as fast as the
/// reader takes them.
void stream_events_to(const http::responder& answer, event_log_actor log,
                      const actor_bridge& actors, event_stream_options options);

} // namespace tidegate
