#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace tidegate {

/// Where a reader of events begins.
struct event_position {
  enum class kind : std::uint8_t {
    after_number, ///< the event behind that one
    after_time,   ///< the first that was stored later, ms since 1970
    end           ///< what comes from now on
  };
  kind is = kind::after_number;
  std::int64_t value = -1; ///< from the first event on

  bool operator==(const event_position&) const = default;
};

/// Reads the filter that Event Hubs clients attach with:
/// `amqp.annotation.x-opt-offset > '12'`, with `>=` or `>`, a number or
/// `@latest`; or `x-opt-sequence-number`, `x-opt-enqueued-time`. An offset here
/// is a sequence number. Empty is the first event. Nothing when it is
/// something else.
std::optional<event_position> parse_event_selector(std::string_view text);

} // namespace tidegate
