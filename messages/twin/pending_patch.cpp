#include "messages/twin/pending_patch.hpp"

#include "messages/twin/merge.hpp"

#include <boost/json/value.hpp>
#include <utility>

namespace tidegate::twin {

namespace {

namespace json = boost::json;

/// Adds to `removed` the places where `patch` puts an object over something
/// in `changed` that is none.
void find_replaced(const json::object& changed, const json::object& patch,
                   json::object& removed) {
  for (const auto& [key, value] : patch) {
    const auto* const before = changed.if_contains(key);
    if (!before || !value.is_object())
      continue;
    const auto* const known = removed.if_contains(key);
    if (known && known->is_null())
      continue; // it goes with all that is in it
    if (!before->is_object()) {
      removed[key] = nullptr;
      continue;
    }
    auto below = known ? known->get_object() : json::object{};
    find_replaced(before->get_object(), value.get_object(), below);
    if (!below.empty())
      removed[key] = std::move(below);
  }
}

} // namespace

void pending_patch::add(const json::object& patch) {
  find_replaced(changed, patch, removed);
  changed = merge(std::move(changed), patch, nulls::keep);
}

std::vector<std::string> pending_patch::parts(std::size_t limit) const {
  std::vector<std::string> all;
  for (const auto* each : {&removed, &changed})
    if (!each->empty())
      for (auto& text : split(*each, limit))
        all.push_back(std::move(text));
  return all;
}

} // namespace tidegate::twin
