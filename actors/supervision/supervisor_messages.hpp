#pragma once

#include "actors/supervision/actor_node.hpp"
#include "actors/supervision/child_spec.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <string>

namespace tidegate {

/// To a child with a health probe; answered with `health`. A child that is
/// known to be unhealthy says so itself, a stuck one misses the timeout.
struct check_health {};

struct health {
  bool ok = true;
  std::string detail;
};

/// Asks an actor to describe itself and what is below it. Answered with
/// `actor_node` `within` that time; whoever does not answer is shown as
/// `no answer`.
struct get_tree {
  std::chrono::milliseconds within{1'000};
};

/// Starts one more child, last in order. Answered with `child_handle`, or
/// `ec::bad_argument` when the name is taken. A child added this way is
/// forgotten once it is down for good.
struct start_child {
  child_spec spec;
};

/// Puts a running actor under the supervisor: it is stopped with the others
/// and shown in the tree, but never restarted. For the many and short-lived,
/// such as sessions. Fire and forget.
struct watch_child {
  std::string name;
  caf::actor handle;
};

/// Asks for the handle of a child that is up. Answered with `child_handle`,
/// `ec::not_found`, or `ec::unavailable` while it is down.
struct get_child {
  std::string name;
};

/// Stops a child and starts it again at once, uncounted; for operators.
/// Answered with `child_handle` of the old one, or as `get_child`.
struct restart_child {
  std::string name;
};

/// Stops a child for good. Answered with `child_handle` of the old one, or as
/// `get_child`.
struct stop_child {
  std::string name;
};

struct child_handle {
  caf::actor handle;
};

} // namespace tidegate

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::check_health)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::health)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::get_tree)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::actor_node)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::start_child)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::watch_child)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::get_child)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::restart_child)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::stop_child)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(tidegate::child_handle)
