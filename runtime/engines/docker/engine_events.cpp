#include "runtime/engines/docker/engine_events.hpp"

#include "actors/log.hpp"
#include "runtime/engines/docker/json_access.hpp"
#include "runtime/engines/docker/json_stream.hpp"
#include "runtime/engines/docker/owned_filter.hpp"

namespace tidegate::docker {

namespace {

/// Between the end of one stream and the next.
constexpr std::chrono::milliseconds pause_between_streams{250};

std::string events_target() {
  return "/events?filters="
         + owned_filter(
           {{"type", {"container"}},
            {"event", {"start", "die", "destroy", "health_status"}}});
}

} // namespace

boost::asio::awaitable<void> follow_events(engine_api& api,
                                           event_listener listener) {
  for (;;) {
    json_stream events;
    auto on_piece = [&](std::string_view piece) {
      if (piece.empty())
        listener.begun();
      return events.feed(piece, [&](const boost::json::value& event) {
        listener.happened(text_at(event, "/Actor/Attributes/name"));
      });
    };
    engine_call what;
    what.target = events_target();
    const auto answer = co_await api.follow(std::move(what), on_piece);
    if (answer && answer->status >= 400)
      log::warning("modules", "the container engine tells no events",
                   {{"why", message_of(*answer)}});
    co_await api.pause(pause_between_streams);
  }
}

} // namespace tidegate::docker
