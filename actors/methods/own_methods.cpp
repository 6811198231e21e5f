#include "actors/methods/own_methods.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace tidegate {

std::optional<std::vector<identity_id>>
parse_refresh_request(std::string_view payload) {
  boost::system::error_code failed;
  const auto document = boost::json::parse(payload, failed);
  const auto* object = failed ? nullptr : document.if_object();
  const auto* list = object ? object->if_contains("deviceIds") : nullptr;
  if (!list || !list->is_array() || list->get_array().size() > most_refreshed)
    return std::nullopt;
  std::vector<identity_id> ids;
  for (const auto& entry : list->get_array()) {
    if (!entry.is_string())
      return std::nullopt;
    ids.push_back(parse_identity_id(std::string_view{entry.get_string()}));
  }
  return ids;
}

} // namespace tidegate
