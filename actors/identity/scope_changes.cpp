#include "actors/identity/scope_changes.hpp"

#include <algorithm>
#include <charconv>

namespace tidegate {

void scope_changes::note(const identity_id& id,
                         std::vector<std::string> edges) {
  ++last_;
  kept_.push_back({id, std::move(edges)});
  if (kept_.size() > most_kept)
    kept_.pop_front();
}

void scope_changes::note_everything() {
  ++last_;
  kept_.clear();
}

scope_changes::news scope_changes::since(std::string_view revision,
                                         const std::string& edge) const {
  const news all{true, {}};
  const auto dot = revision.find('.');
  if (dot == std::string_view::npos || revision.substr(0, dot) != run_)
    return all;
  const auto number = revision.substr(dot + 1);
  std::uint64_t known = 0;
  const auto [end, failed]
    = std::from_chars(number.data(), number.data() + number.size(), known);
  if (failed != std::errc{} || end != number.data() + number.size()
      || known > last_ || known + kept_.size() < last_)
    return all;
  news found;
  for (auto one = kept_.end() - static_cast<std::ptrdiff_t>(last_ - known);
       one != kept_.end(); ++one) {
    const auto concerns = std::find(one->edges.begin(), one->edges.end(), edge)
                          != one->edges.end();
    if (concerns
        && std::find(found.ids.begin(), found.ids.end(), one->id)
             == found.ids.end())
      found.ids.push_back(one->id);
  }
  return found;
}

} // namespace tidegate
