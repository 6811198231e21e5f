#pragma once

#include <boost/json/object.hpp>
#include <caf/expected.hpp>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tidegate::twin {

/// What a patch may be (edge-hub spec 7.3).
inline constexpr std::size_t largest_patch = 32'768;
inline constexpr std::size_t deepest_patch = 10; ///< levels below the root
inline constexpr std::size_t longest_name = 1024;
inline constexpr std::size_t longest_text = 4096;
inline constexpr std::int64_t smallest_integer = -4'503'599'627'370'496;
inline constexpr std::int64_t largest_integer = 4'503'599'627'370'495;

/// What one section of a twin (tags, desired, reported) may grow to, as JSON
/// text. Two of them fit into one message of either protocol.
inline constexpr std::size_t largest_section = 262'144;

/// Reads a patch that a client sent. `ec::malformed` when it is no JSON,
/// `ec::bad_argument`, naming the property, when it breaks a rule.
caf::expected<boost::json::object> read_patch(std::string_view text);

/// Checks a patch that was read before.
caf::error check_patch(const boost::json::object& patch);

/// `ec::bad_argument` when the section called `name` has grown too large.
caf::error check_section(std::string_view name,
                         const boost::json::object& section);

} // namespace tidegate::twin
