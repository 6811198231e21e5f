#pragma once

#include <boost/json/object.hpp>
#include <string>

namespace tidegate {

/// The uplink in a line for people: parent, state, and why it is away. `of` is
/// what a node answers, of any version.
std::string uplink_line(const boost::json::object& of);

} // namespace tidegate
