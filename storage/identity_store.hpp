#pragma once

#include "messages/identity.hpp"
#include "storage/database.hpp"
#include "storage/quarantine.hpp"
#include "storage/seal.hpp"

#include <cstddef>
#include <optional>
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
    std::vector<identity_id> names; ///< of the first ten damaged ones
  };

  /// How many of the records open with the key at hand.
  caf::expected<state_of_records> examine() const;

  /// Removes the records that do not open; `aside` keeps them, if given.
  caf::error remove_damaged(quarantine* aside = nullptr);

  /// Adds a new identity and gives it a generation and an etag; one that may
  /// have been lost can be made anew, one that does not open has to be removed
  /// before. A module needs its device (`ec::not_found`). `ec::exists`;
  /// `ec::bad_argument` for ids that a hub does not accept.
  caf::expected<identity> create(identity wanted);

  /// `ec::not_found` if there is none, `ec::store_damaged` if it does not open,
  /// or may have been lost with a damaged part of the store.
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

  /// Removes an identity, a device with all its modules, also one that does
  /// not open. With an `etag` it must be the present one (`ec::stale`).
  caf::error remove(const identity_id& id, const std::string& etag = {});

  /// Keeps `known` exactly as an authority described it.
  caf::error put(const identity& known);

private:
  caf::expected<std::vector<identity>>
  scan(const std::string& from, const std::string& to, std::size_t limit) const;
  /// The record as it lies there, or nothing.
  caf::expected<std::optional<std::string>> record(const identity_id& id) const;
  caf::expected<identity> decode(std::string_view key,
                                 std::string_view sealed) const;

  database_ptr db_;
  seal_ptr seal_;
};

} // namespace tidegate
