#pragma once

#include <string>
#include <string_view>

namespace tidegate::routing {

/// A route's source in the form in which it is matched (edge-hub spec 4.1):
/// trailing `*` and one trailing `/` removed, `/` appended, in lower case.
std::string source_prefix(std::string_view route_source);

/// A message's source in the same form.
std::string source_key(std::string_view message_source);

/// Whether messages from `message_source` are seen by a route from
/// `route_source`.
bool source_matches(std::string_view route_source,
                    std::string_view message_source);

} // namespace tidegate::routing
