#pragma once

#include "actors/supervision/supervisor_messages.hpp"
#include "messages/ec.hpp"

#include <caf/event_based_actor.hpp>
#include <functional>
#include <string>

namespace tidegate {

/// Finds a child of `supervisor`, which may be `self`'s own: calls `then` with
/// its handle, or `failed` when it is not up, or the node is stopping.
inline void find_child(caf::event_based_actor* self,
                       const caf::actor_addr& supervisor, std::string name,
                       std::function<void(const caf::actor&)> then,
                       std::function<void(const caf::error&)> failed) {
  constexpr auto timeout = std::chrono::seconds{10};
  const auto whom = caf::actor_cast<caf::actor>(supervisor);
  if (!whom)
    return failed(caf::make_error(ec::unavailable, "the node is stopping"));
  self->request(whom, timeout, get_child{std::move(name)})
    .then(
      [then = std::move(then)](const child_handle& found) {
        then(found.handle);
      },
      [failed = std::move(failed)](const caf::error& error) { failed(error); });
}

} // namespace tidegate
