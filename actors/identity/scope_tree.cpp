#include "actors/identity/scope_tree.hpp"

#include <algorithm>

namespace tidegate {

namespace {

constexpr std::size_t deepest_nesting = 8;

} // namespace

std::vector<std::string> devices_above(const std::string& device,
                                       const identity_lookup& lookup) {
  std::vector<std::string> all{device};
  while (all.size() < deepest_nesting) {
    auto found = lookup({all.back(), {}});
    if (!found || found->parent.empty()
        || std::find(all.begin(), all.end(), found->parent) != all.end())
      break;
    all.push_back(std::move(found->parent));
  }
  return all;
}

bool reached_through(const std::string& edge, const std::string& device,
                     const identity_lookup& lookup) {
  const auto all = devices_above(device, lookup);
  return std::find(all.begin(), all.end(), edge) != all.end();
}

} // namespace tidegate
