#pragma once

#include "messages/identity.hpp"
#include "storage/database.hpp"
#include "storage/seal.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace tidegate {

/// The identities a node knows: at a hub it is their authority, at a gateway
/// a copy of what its parent said. On disk they are sealed. Every change is
/// synced before the call returns, whatever the durability of messages.
/// Thread-safe for readers; one thread changes.
class identity_store {
public:
  identity_store(database_ptr db, seal_ptr key);

  struct state_of_records {
    std::size_t readable = 0;
    std::size_t damaged = 0;
  };

  /// How many of the records open with the key at hand.
  caf::expected<state_of_records> examine() const;

  /// Removes the records that do not open.
  caf::error remove_damaged();

  /// Adds a new identity and gives it a generation and an etag. A module needs
  /// its device (`ec::not_found`). `ec::exists`; `ec::bad_argument` for ids
  /// that a hub does not accept.
  caf::expected<identity> create(identity wanted);

  /// `ec::not_found` if there is none, `ec::store_damaged` if it does not open.
  caf::expected<identity> get(const identity_id& id) const;

  /// Up to `limit` identities that sort behind `after`, by device, then
  /// module; a device comes before its modules. What does not open is left
  /// out.
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
  caf::expected<identity> decode(std::string_view key,
                                 std::string_view sealed) const;

  database_ptr db_;
  seal_ptr seal_;
};

} // namespace tidegate
