#pragma once

#include "messages/identity.hpp"
#include "storage/database.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace tidegate {

/// The identities a node knows: at a hub it is their authority, at a gateway
/// a copy of what its parent said. Every change is synced before the call
/// returns, whatever the durability of messages. Thread-safe for readers; one
/// thread changes.
class identity_store {
public:
  explicit identity_store(database_ptr db);

  /// Adds a new identity and gives it a generation and an etag. A module needs
  /// its device (`ec::not_found`). `ec::exists`; `ec::bad_argument` for ids
  /// that a hub does not accept.
  caf::expected<identity> create(identity wanted);

  /// `ec::not_found` if there is none.
  caf::expected<identity> get(const identity_id& id) const;

  /// Up to `limit` identities that sort behind `after`, by device, then
  /// module; a device comes before its modules.
  caf::expected<std::vector<identity>>
  list(std::size_t limit, const identity_id& after = {}) const;

  /// The modules of `device`.
  caf::expected<std::vector<identity>> modules(const std::string& device) const;

  /// Replaces what is known; the generation stays, the etag becomes new. With
  /// an etag in `wanted` it must be the present one (`ec::stale`).
  caf::expected<identity> update(identity wanted);

  /// Removes an identity, a device with all its modules. With an `etag` it
  /// must be the present one (`ec::stale`).
  caf::error remove(const identity_id& id, const std::string& etag = {});

  /// Keeps `known` exactly as an authority described it.
  caf::error put(const identity& known);

private:
  caf::expected<std::vector<identity>>
  scan(const std::string& from, const std::string& to, std::size_t limit) const;

  database_ptr db_;
};

} // namespace tidegate
