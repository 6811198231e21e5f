#include "messages/twin/merge.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <utility>

namespace tidegate::twin {

namespace {

namespace json = boost::json;

/// Divides objects until every part is small enough.
void divide(const json::object& patch, std::size_t limit,
            std::vector<json::object>& into) {
  json::object part;
  std::size_t size = 2; // the braces
  const auto close = [&] {
    if (!part.empty())
      into.push_back(std::exchange(part, {}));
    size = 2;
  };
  for (const auto& [key, value] : patch) {
    const auto name = json::serialize(json::value(key)).size() + 2;
    const auto own = name + json::serialize(value).size();
    if (own + 2 > limit && value.is_object() && value.get_object().size() > 1) {
      std::vector<json::object> below;
      divide(value.get_object(), limit > name + 2 ? limit - name - 2 : 0,
             below);
      for (auto& piece : below)
        into.push_back({{key, std::move(piece)}});
      continue;
    }
    if (size + own > limit)
      close();
    part[key] = value;
    size += own;
  }
  close();
}

} // namespace

json::object merge(json::object base, const json::object& patch, nulls how) {
  for (const auto& [key, value] : patch) {
    auto* const present = base.if_contains(key);
    if (value.is_null() && how == nulls::remove)
      base.erase(key);
    else if (!present)
      base.emplace(key, value);
    else if (present->is_object() && value.is_object())
      *present
        = merge(std::move(present->get_object()), value.get_object(), how);
    else
      *present = value;
  }
  return base;
}

json::object diff(const json::object& from, const json::object& to) {
  json::object patch;
  for (const auto& [key, value] : from) {
    const auto* const now = to.if_contains(key);
    if (!now) {
      patch[key] = nullptr;
    } else if (value.is_object() && now->is_object()) {
      if (auto below = diff(value.get_object(), now->get_object());
          !below.empty())
        patch[key] = std::move(below);
    } else if (value != *now) {
      patch[key] = *now;
    }
  }
  for (const auto& [key, value] : to)
    if (!from.contains(key))
      patch[key] = value;
  return patch;
}

std::vector<std::string> split(const json::object& patch, std::size_t limit) {
  auto whole = json::serialize(patch);
  if (whole.size() <= limit)
    return {std::move(whole)};
  std::vector<json::object> parts;
  divide(patch, limit, parts);
  std::vector<std::string> texts;
  for (const auto& part : parts)
    texts.push_back(json::serialize(part));
  return texts;
}

} // namespace tidegate::twin
