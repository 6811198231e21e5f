#pragma once

#include "messages/deployment/manifest.hpp"

namespace tidegate::deployment {

/// The places a module can have in a manifest; the rules differ (edge-agent
/// spec 1.4).
enum class module_role { user, hub, agent };

/// Reads one module object. What is wrong goes to the reader's errors.
module_spec read_module(std::string name, const field_reader& from,
                        module_role role, const manifest_rules& rules);

} // namespace tidegate::deployment
