#pragma once

#include "messages/iothub/access_policy.hpp"

#include <boost/json/object.hpp>
#include <optional>
#include <string>

namespace tidegate {

/// `{"name":..,"rights":["ServiceConnect"],"primaryKey":..,"secondaryKey":..}`:
/// a policy as it is stored, and as its operator reads and writes it.
boost::json::object policy_document(const access_policy& policy);

/// Reads that form; keys may be missing. On failure returns nothing and names
/// the member in `why`.
std::optional<access_policy>
parse_policy_document(const boost::json::object& in, std::string& why);

} // namespace tidegate
