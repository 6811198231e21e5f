#pragma once

#include "messages/twin/pending_patch.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <caf/expected.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tidegate::twin {

/// A twin as its owner sees it: two sections, each perhaps with `$version`.
struct client_twin {
  boost::json::object desired;
  boost::json::object reported;

  bool operator==(const client_twin&) const = default;
};

/// What a gateway knows of the twin of one client (edge-hub spec 7.1).
struct edge_twin {
  std::optional<client_twin> cached;
  pending_patch pending;
  /// When the parent last told the whole twin; 0: it should tell it again.
  std::chrono::milliseconds synced{0};

  bool operator==(const edge_twin&) const = default;
};

/// Reads the JSON text that a parent sent: `ec::malformed`.
caf::expected<client_twin> client_twin_of(std::string_view text);

/// Reads a patch of desired properties that a parent sent: `ec::malformed`.
caf::expected<boost::json::object> desired_patch_of(std::string_view text);

/// The text a client is sent; nothing cached gives two empty sections.
std::string client_text(const std::optional<client_twin>& twin);

/// `$version` of a section or a patch; 0 without one.
std::int64_t version_of(const boost::json::object& section);

/// The client reports `patch`, checked before: it is merged into what is
/// cached and into what the parent has to be told. `ec::bad_argument` when the
/// section would grow too large; then nothing has changed.
caf::error report(edge_twin& twin, const boost::json::object& patch);

/// Puts in the cache what the parent says now, with those changes on top that
/// the parent has not been told yet. Returns how desired properties differ from
/// what was cached; empty when they do not, or nothing was.
boost::json::object take_full(edge_twin& twin, client_twin from_parent,
                              std::chrono::milliseconds now);

/// What to do with a patch of desired properties (edge-hub spec 7.5).
enum class desired_step : std::uint8_t {
  forward,           ///< nothing is cached: only pass it on
  merge_and_forward, ///< the next version
  fetch              ///< a gap, a duplicate or older: ask for the whole twin
};
desired_step step_for(const edge_twin& twin, const boost::json::object& patch);

/// Merges a patch that `step_for` says is the next.
void merge_desired(edge_twin& twin, const boost::json::object& patch);

/// The stored form, and back: `ec::store_damaged` when it is not well formed.
boost::json::object to_document(edge_twin twin);
caf::expected<edge_twin> edge_twin_of(boost::json::value document);

} // namespace tidegate::twin
