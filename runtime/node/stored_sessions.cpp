#include "runtime/node/stored_sessions.hpp"

#include "actors/log.hpp"
#include "messages/ec.hpp"
#include "messages/error_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace tidegate {

namespace {

namespace json = boost::json;

void complain(const identity_id& id, const caf::error& error) {
  log::error("clients", "a client's session cannot be stored or read",
             {{"id", to_string(id)}, {"error", error_text(error)}});
}

std::optional<granted_filter> parse_filter(const json::value& entry) {
  const auto* in = entry.if_object();
  const auto* filter = in ? in->if_contains("filter") : nullptr;
  const auto* quality = in ? in->if_contains("qos") : nullptr;
  if (!filter || !filter->is_string() || !quality || !quality->is_int64())
    return std::nullopt;
  return granted_filter{std::string{filter->get_string()},
                        quality->get_int64() == 0 ? mqtt::qos::at_most_once
                                                  : mqtt::qos::at_least_once};
}

} // namespace

std::optional<std::vector<granted_filter>>
stored_sessions::load(const identity_id& id) {
  const auto document = documents_.get(to_string(id));
  if (!document) {
    if (document.error() != ec::not_found)
      complain(id, document.error());
    return std::nullopt;
  }
  std::vector<granted_filter> found;
  if (const auto* entries = document->if_array())
    for (const auto& entry : *entries)
      if (auto filter = parse_filter(entry))
        found.push_back(std::move(*filter));
  return found;
}

void stored_sessions::save(const identity_id& id,
                           const std::vector<granted_filter>& subscriptions) {
  json::array entries;
  for (const auto& one : subscriptions)
    entries.emplace_back(
      json::object{{"filter", one.filter},
                   {"qos", one.quality == mqtt::qos::at_most_once ? 0 : 1}});
  if (const auto failed = documents_.put(to_string(id), entries))
    complain(id, failed);
}

void stored_sessions::erase(const identity_id& id) {
  // Clients with clean sessions say this at every connect; a look is cheaper
  // than a synced write.
  if (!documents_.get(to_string(id)))
    return;
  if (const auto failed = documents_.remove(to_string(id)))
    complain(id, failed);
}

} // namespace tidegate
