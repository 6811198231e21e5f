#pragma once

#include <map>
#include <string>
#include <vector>

namespace tidegate::docker {

/// The `filters` of a query, percent-encoded: containers that gateways own,
/// and `more` conditions.
std::string
owned_filter(const std::map<std::string, std::vector<std::string>>& more);

} // namespace tidegate::docker
