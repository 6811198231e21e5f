#pragma once

#include "messages/ec.hpp"
#include "messages/identity_id.hpp"
#include "storage/twin_store.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/error.hpp>
#include <caf/expected.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace tidegate {

/// To a twins actor itself: write what has changed. Everything that arrives
/// before this is dealt with shares the write.
struct commit_twins {};

/// The twins that have changed since the last write, before the others in the
/// store; and who waits for the write. Used inside one actor, which sends
/// itself `commit_twins` when `changed` says so.
template <class Twin>
class twin_group {
public:
  using decoder = caf::expected<Twin> (*)(boost::json::value);
  using waiter = std::function<void(const caf::error&)>;

  twin_group(std::shared_ptr<twin_store> store, decoder decode)
    : store_{std::move(store)}, decode_{decode} {}

  /// The twin with all changes. `ec::not_found` if there is none.
  caf::expected<Twin> get(const identity_id& id) const {
    if (const auto open = open_.find(id); open != open_.end()) {
      if (open->second)
        return *open->second;
      return caf::make_error(ec::not_found, to_string(id));
    }
    auto document = store_->get(id);
    if (!document)
      return document.error();
    return decode_(std::move(*document));
  }

  void put(const identity_id& id, Twin twin) {
    open_.insert_or_assign(id, std::move(twin));
  }
  void remove(const identity_id& id) {
    open_.insert_or_assign(id, std::nullopt);
  }

  /// Calls `then` with the outcome of the next write: at once when nothing
  /// has to be written for `id`.
  void when_safe(const identity_id& id, waiter then) {
    if (open_.contains(id))
      waiting_.push_back(std::move(then));
    else
      then({});
  }

  /// True once per group: a `commit_twins` is to be sent.
  bool changed() {
    return !open_.empty() && !std::exchange(commit_asked_, true);
  }

  /// Writes the group and tells who waits. What could not be written has not
  /// happened.
  caf::error commit() {
    std::vector<twin_write> writes;
    for (auto& [id, twin] : open_)
      writes.push_back({id, twin ? std::optional{to_document(std::move(*twin))}
                                 : std::nullopt});
    open_.clear();
    const auto error = store_->write(writes);
    commit_asked_ = false;
    for (const auto& then : std::exchange(waiting_, {}))
      then(error);
    return error;
  }

private:
  std::shared_ptr<twin_store> store_;
  decoder decode_;
  /// Nothing: it is to be removed.
  std::map<identity_id, std::optional<Twin>> open_;
  std::vector<waiter> waiting_;
  bool commit_asked_ = false;
};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::commit_twins)
