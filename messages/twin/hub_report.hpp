#pragma once

#include "messages/identity_id.hpp"
#include "messages/twin/pending_patch.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tidegate::twin {

/// Collects what a node reports of itself in its own twin (edge-hub spec
/// 10.3), until it is taken and sent.
class hub_report {
public:
  /// `version` is the program's. A report begins by forgetting the clients of
  /// the last run.
  explicit hub_report(std::string version);

  /// The desired properties with `$version` `of` were read: `code` 200, or
  /// what was wrong with them.
  void configuration(std::int64_t of, int code, std::string_view description);
  /// `now` is an ISO 8601 text.
  void connected(const identity_id& client, const std::string& now);
  void disconnected(const identity_id& client, const std::string& now);

  bool empty() const { return collected_.empty(); }
  /// The patches to report, in this order.
  std::vector<std::string> take();

private:
  std::string version_;
  pending_patch collected_;
};

} // namespace tidegate::twin
