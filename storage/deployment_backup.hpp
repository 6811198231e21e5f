#pragma once

#include "storage/seal.hpp"

#include <boost/json/object.hpp>
#include <caf/expected.hpp>
#include <cstdint>
#include <filesystem>

namespace tidegate {

/// The last good deployment, sealed in a file, so that a gateway starts its
/// modules before, and without, its parent (edge-agent spec 10.2). Every write
/// has a nonce of its own. Not thread-safe.
class deployment_backup {
public:
  struct content {
    std::int64_t version = 0; ///< of the desired properties; 0: none
    /// Desired properties of `$edgeAgent`, or a whole manifest.
    boost::json::object deployment;

    bool operator==(const content&) const = default;
  };

  deployment_backup(std::filesystem::path file, seal_ptr key)
    : file_{std::move(file)}, key_{std::move(key)} {}

  /// Replaces what is kept; what is kept already is not written again. Durable
  /// when this returns. `ec::io_failed` or `ec::store_failed`.
  caf::error keep(const content& what);

  /// `ec::not_found` when nothing was kept yet, `ec::store_damaged` when it
  /// cannot be read with this key.
  caf::expected<content> load();

private:
  std::filesystem::path file_;
  seal_ptr key_;
  content known_; ///< the last that was read or written
};

} // namespace tidegate
