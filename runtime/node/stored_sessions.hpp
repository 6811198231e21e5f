#pragma once

#include "actors/clients/session_archive.hpp"
#include "storage/document_store.hpp"

namespace tidegate {

/// Durable MQTT sessions, one document each: they outlive the node. Writing is
/// rare, a subscription changes seldom; it is synced before SUBACK.
class stored_sessions : public session_archive {
public:
  explicit stored_sessions(database_ptr db)
    : documents_{std::move(db), "sessions"} {}

  std::optional<std::vector<granted_filter>>
  load(const identity_id& id) override;
  void save(const identity_id& id,
            const std::vector<granted_filter>& subscriptions) override;
  void erase(const identity_id& id) override;

private:
  document_store documents_;
};

} // namespace tidegate
