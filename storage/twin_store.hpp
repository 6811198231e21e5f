#pragma once

#include "messages/identity_id.hpp"
#include "storage/database.hpp"
#include "storage/seal.hpp"

#include <boost/json/object.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tidegate {

/// What becomes of the twin of one identity.
struct twin_write {
  identity_id id;
  std::optional<boost::json::object> document; ///< nothing: it is removed
};

/// The twins of a node, one document per identity: at a hub the authority's
/// (`twin::hub_twin`), at a gateway what it knows of its clients'
/// (`twin::edge_twin`). On disk they are sealed (edge-hub spec 5.8). Every
/// change is synced before the call returns, whatever the durability of
/// messages. Thread-safe for readers; one thread changes.
class twin_store {
public:
  twin_store(database_ptr db, seal_ptr key);

  /// `ec::not_found` if there is none, `ec::store_damaged` if it does not open,
  /// or may have been lost where nobody else has it.
  caf::expected<boost::json::value> get(const identity_id& id) const;

  /// When the twin, which is not there, may have been lost with a damaged part
  /// of the store, in milliseconds since 1970; nothing if it cannot have been.
  std::optional<std::int64_t> lost_at(const identity_id& id) const;

  /// Writes all or none, with one sync.
  caf::error write(const std::vector<twin_write>& changes);

  /// Shows every twin. One that cannot be read is passed as the error that
  /// says why.
  using visitor = std::function<void(const identity_id&,
                                     caf::expected<boost::json::value>)>;
  caf::error visit(const visitor& show) const;

private:
  caf::expected<boost::json::value> decode(const identity_id& id,
                                           std::string_view sealed) const;

  database_ptr db_;
  seal_ptr seal_;
};

} // namespace tidegate
