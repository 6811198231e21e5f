#pragma once

#include "messages/deployment/manifest.hpp"

#include <boost/json/object.hpp>
#include <optional>

namespace tidegate::deployment {

/// `spec` as a manifest would have it, name included, so that
/// `read_module_document` gives the same specification back.
boost::json::object module_document(const module_spec& spec);

/// Nothing for what `module_document` did not write, or what `rules` no
/// longer allow.
std::optional<module_spec>
read_module_document(const boost::json::object& document,
                     const manifest_rules& rules);

} // namespace tidegate::deployment
