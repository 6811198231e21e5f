#pragma once

#include "messages/identity_id.hpp"
#include "storage/database.hpp"
#include "storage/quarantine.hpp"
#include "storage/seal.hpp"

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace tidegate {

/// A token that a client brought and that the parent took (edge-hub spec 3.3).
struct own_token {
  std::string text;         ///< empty: the parent does not take it any more
  std::int64_t expires = 0; ///< seconds since 1970

  bool operator==(const own_token&) const = default;
};

/// The clients that a gateway knows by their own tokens only, with the latest
/// token of each. On disk they are sealed. Every change is synced before the
/// call returns. Thread-safe.
class own_tokens {
public:
  static constexpr std::size_t most = 10'000;

  /// Reads what is there. Of a client whose token does not open it is known
  /// that it speaks for itself, and it has to come with a token again: what
  /// waits of it waits for that. `damaged` counts these; `aside` keeps what is
  /// left of them, if given.
  static caf::expected<std::shared_ptr<own_tokens>>
  open(database_ptr db, seal_ptr key, quarantine* aside = nullptr);

  /// Whether the client, which is not known here, may have been: its record
  /// may have been lost with a damaged part of the store.
  bool may_be_lost(const identity_id& id) const;

  /// Records that did not open.
  std::size_t damaged() const { return damaged_; }

  std::optional<own_token> find(const identity_id& id) const;

  /// Adds or replaces. With `most` there already, the one whose token ended
  /// first makes room if that was before `now` (seconds since 1970), else
  /// `ec::refused`.
  caf::error put(const identity_id& id, const own_token& token,
                 std::int64_t now);

  /// Forgets the client. Whoever is not there is no error.
  caf::error remove(const identity_id& id);

private:
  own_tokens(database_ptr db, seal_ptr key)
    : db_{std::move(db)}, seal_{std::move(key)} {}
  caf::error load(quarantine* aside);
  caf::error write(const identity_id& id, const own_token& token);
  caf::error make_room(std::int64_t now);
  caf::error erase(const identity_id& id);

  database_ptr db_;
  seal_ptr seal_;
  std::size_t damaged_ = 0;
  mutable std::mutex mutex_;
  std::unordered_map<identity_id, own_token> known_;
};

} // namespace tidegate
