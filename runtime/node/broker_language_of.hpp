#pragma once

#include "messages/broker/broker_language.hpp"
#include "runtime/node/core.hpp"

#include <memory>

namespace tidegate {

/// How a node and the broker that is its parent understand each other; null
/// when its parent is none.
std::shared_ptr<const broker_language>
broker_language_of(const config& from, const node_profile& who);

} // namespace tidegate
