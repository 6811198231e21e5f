#pragma once

#include "actors/clients/subscription_set.hpp"
#include "messages/identity_id.hpp"

#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

namespace tidegate {

/// Where the sessions of clients that connect without "clean session" last:
/// their subscriptions, and nothing else (edge-hub spec 1.3). Safe from any
/// thread; every call returns at once.
class session_archive {
public:
  virtual ~session_archive() = default;

  /// The subscriptions of the stored session; nothing when there is none.
  virtual std::optional<std::vector<granted_filter>> load(const identity_id& id)
    = 0;

  /// Stores the session, or what has become of it.
  virtual void save(const identity_id& id,
                    const std::vector<granted_filter>& subscriptions)
    = 0;

  virtual void erase(const identity_id& id) = 0;
};

/// Sessions that last as long as the process.
class memory_session_archive : public session_archive {
public:
  std::optional<std::vector<granted_filter>>
  load(const identity_id& id) override {
    const std::lock_guard guard{mutex_};
    const auto found = sessions_.find(id);
    if (found == sessions_.end())
      return std::nullopt;
    return found->second;
  }

  void save(const identity_id& id,
            const std::vector<granted_filter>& subscriptions) override {
    const std::lock_guard guard{mutex_};
    sessions_[id] = subscriptions;
  }

  void erase(const identity_id& id) override {
    const std::lock_guard guard{mutex_};
    sessions_.erase(id);
  }

private:
  std::mutex mutex_;
  std::unordered_map<identity_id, std::vector<granted_filter>> sessions_;
};

} // namespace tidegate
