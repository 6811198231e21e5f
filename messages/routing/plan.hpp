#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

namespace tidegate::routing {

/// One copy of a message: which lane takes it, and on whose behalf.
struct route_match {
  std::uint32_t sink = 0;     ///< index into `route_table::sinks`
  std::uint32_t route = 0;    ///< index into `route_table::routes`
  std::uint32_t priority = 0; ///< of the sink
  /// Settled between route and global value: negative never expires, 0 expires
  /// at once. See `expires_at`.
  std::chrono::seconds time_to_live{0};

  bool operator==(const route_match&) const = default;
};

/// What a head alone tells about where its messages go. Good for as long as
/// the table that made it; keep it beside the head that it was made for. One
/// made by default belongs to no table and sends nothing anywhere.
class plan {
public:
  /// True when all messages with this head go to `matches` and nowhere else.
  bool is_final() const { return open_.empty(); }
  /// The copies that do not depend on the message itself, one per endpoint.
  /// None at all in a final plan: the message is acknowledged and dropped.
  std::span<const route_match> matches() const { return settled_; }

private:
  friend class route_table;

  /// A route of an endpoint that is still open. Of an endpoint's steps, which
  /// stand together, the first one that matches counts.
  struct step {
    route_match match;
    std::uint32_t endpoint = 0;
    bool conditional = false; ///< false: matches every message
  };

  std::vector<route_match> settled_;
  std::vector<step> open_;
};

} // namespace tidegate::routing
