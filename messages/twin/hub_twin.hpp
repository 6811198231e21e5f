#pragma once

#include <boost/json/object.hpp>
#include <caf/expected.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace tidegate::twin {

/// Desired or reported properties, and when each of them was changed last.
struct section {
  boost::json::object values;
  boost::json::object metadata; ///< the service's `$metadata`
  std::int64_t version = 1;

  bool operator==(const section&) const = default;
};

/// The twin of an identity at its authority, a hub.
struct hub_twin {
  /// Of the identity that this is the twin of: one that was made anew under
  /// an old name starts with a new twin.
  std::string generation;
  boost::json::object tags;
  section desired;
  section reported;
  std::int64_t version = 1; ///< counts every change
  std::int64_t etag = 1;    ///< counts changes of tags and desired

  bool operator==(const hub_twin&) const = default;
};

/// Takes a patch of reported properties, checked before. `ec::bad_argument`
/// when the section would grow too large; then nothing has changed. `now` is
/// an ISO 8601 text.
caf::error report(hub_twin& twin, const boost::json::object& patch,
                  const std::string& now);

/// What a change by the service means for the client.
struct change_outcome {
  /// The change of desired properties with its `$version`; empty when they
  /// were not touched.
  boost::json::object desired_patch;
};

/// Applies `tags` and `properties.desired` of `change`, the only members that
/// count: merges them, a null deleting, or with `replace` puts them in the
/// place of what is there. `ec::bad_argument` names the member; then nothing
/// has changed.
caf::expected<change_outcome> change(hub_twin& twin,
                                     const boost::json::object& change,
                                     bool replace, const std::string& now);

/// The etag as the service API shows it.
std::string etag_text(const hub_twin& twin);

/// What the owner of the twin sees (edge-hub spec 7.2).
boost::json::object client_view(const hub_twin& twin);

/// The members `etag`, `version`, `tags` and `properties` of the service's
/// document, with `$metadata`.
boost::json::object service_view(const hub_twin& twin);

/// The stored form, and back: `ec::store_damaged` when it is not well formed.
boost::json::object to_document(hub_twin twin);
caf::expected<hub_twin> hub_twin_of(boost::json::value document);

} // namespace tidegate::twin
