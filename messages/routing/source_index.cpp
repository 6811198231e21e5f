#include "messages/routing/source_index.hpp"

#include "messages/routing/source_pattern.hpp"

#include <algorithm>

namespace tidegate::routing {

void source_index::add(std::string_view route_source, std::uint32_t route) {
  routes_[source_prefix(route_source)].push_back(route);
}

std::vector<std::uint32_t>
source_index::find(std::string_view message_source) const {
  std::vector<std::uint32_t> all;
  const auto key = source_key(message_source);
  for (auto slash = key.find('/'); slash != std::string::npos;
       slash = key.find('/', slash + 1)) {
    const auto found = routes_.find(std::string_view{key}.substr(0, slash + 1));
    if (found != routes_.end())
      all.insert(all.end(), found->second.begin(), found->second.end());
  }
  std::sort(all.begin(), all.end());
  return all;
}

} // namespace tidegate::routing
