#pragma once

#include "actors/uplink/link_opener.hpp"
#include "actors/uplink/uplink_context.hpp"
#include "messages/routing/guid_source.hpp"

#include <caf/event_based_actor.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <utility>

namespace tidegate {

/// What the links of all identities share, beside those for telemetry.
struct dialog_tools {
  using clock = std::chrono::steady_clock;

  caf::event_based_actor* self;
  const uplink_context& context;
  link_opener& links;
  routing::guid_source guids;
  /// What links are opened for.
  enum class purpose {
    question, ///< they may be closed as soon as there is an answer
    wish      ///< a client wants them as long as it is connected
  };
  /// Makes room for so many more links, if that is possible.
  std::function<bool(std::size_t, purpose)> make_room;
  /// There was no room for what the client wants; its turn will come.
  std::function<void(const identity_id&)> wait_for_room;
  /// Links that are open, of all identities.
  std::size_t open = 0;
  /// When the parent has last answered something, and when the youngest
  /// question was asked that it did not answer in time.
  clock::time_point answered{};
  std::optional<clock::time_point> silent;

  clock::time_point now() const { return self->clock().now(); }

  pn_link_t* open_link(const link_opener::wish& what, link_user& user) {
    ++open;
    return links.open(what, user);
  }

  void close_link(pn_link_t*& link) {
    if (!link)
      return;
    --open;
    links.close(std::exchange(link, nullptr));
  }

  /// The parent has closed it.
  void link_ended(pn_link_t*& link) {
    --open;
    links.ended(link);
    link = nullptr;
  }

  /// Counts what became of something that the parent was asked.
  void count(const char* operation, const char* result) const {
    context.meters
      ->counter("tidegate_upstream_calls_total",
                "What the parent was asked for clients, by what came of it.",
                {{"operation", operation}, {"result", result}})
      .Increment();
  }

  /// Counts that wanted links are opened once more.
  void count_retry(const identity_id& id, const char* operation) const {
    context.meters
      ->counter("edgehub_operation_retry_total", "Operations tried again.",
                {{"id", to_string(id)},
                 {"operation", operation},
                 {"ms_telemetry", "True"}})
      .Increment();
  }
};

} // namespace tidegate
