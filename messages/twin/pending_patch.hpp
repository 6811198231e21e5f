#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <string>
#include <vector>

namespace tidegate::twin {

/// Changes of reported properties that the parent has not taken yet, merged
/// into as little as possible (edge-hub spec 7.3). Usually that is one patch.
/// But where an object has replaced something that was pending itself, or was
/// gone, one patch cannot say that the parent's members of that object are to
/// go: these deletions travel ahead in a patch of their own. So the parent has
/// what the client has, whatever happened in between.
struct pending_patch {
  boost::json::object removed; ///< nulls only; to be sent first
  boost::json::object changed; ///< nulls kept

  bool operator==(const pending_patch&) const = default;

  bool empty() const { return removed.empty() && changed.empty(); }
  /// The client has made one more change.
  void add(const boost::json::object& patch);
  /// What to send, in this order, as texts of at most about `limit` bytes.
  std::vector<std::string> parts(std::size_t limit) const;
};

} // namespace tidegate::twin
