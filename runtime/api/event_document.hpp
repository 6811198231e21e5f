#pragma once

#include "messages/block.hpp"

#include <boost/json/object.hpp>
#include <cstdint>
#include <string>

namespace tidegate {

/// One event of a hub's log as its operators read it: `offset`, `from`,
/// `enqueuedTime`, `delayMs` (when the sender gave its creation time),
/// `properties`, `systemProperties`, and `body` (text) or `bodyBase64`.
boost::json::object event_document(std::uint64_t offset, const block& in,
                                   std::uint32_t index);

/// `2026-01-02T03:04:05.678Z`.
std::string format_time(wall_time at);

} // namespace tidegate
