#include "runtime/api/scope_document.hpp"

#include "messages/ec.hpp"
#include "messages/iothub/identity_document.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

namespace tidegate {

namespace json = boost::json;

namespace {

void take_identities(const json::object& from, std::string_view key,
                     std::vector<identity>& into) {
  const auto* list = from.if_contains(key);
  if (!list || !list->is_array())
    return;
  for (const auto& entry : list->get_array()) {
    std::string why;
    if (!entry.is_object())
      continue;
    if (auto found = parse_identity_document(entry.get_object(), why))
      into.push_back(std::move(*found));
  }
}

} // namespace

json::object scope_document(const std::vector<identity>& page,
                            const std::string& next) {
  json::array devices;
  json::array modules;
  for (const auto& one : page)
    (one.id.is_module() ? modules : devices)
      .emplace_back(identity_document(one));
  return {{"devices", std::move(devices)},
          {"modules", std::move(modules)},
          {"continuationLink", next}};
}

std::vector<identity> scope_identities(const json::object& from) {
  std::vector<identity> all;
  take_identities(from, "devices", all);
  take_identities(from, "modules", all);
  return all;
}

json::object news_document(const scope_news& of) {
  auto document = scope_document(of.found);
  document["revision"] = of.revision;
  document["everything"] = of.everything;
  json::array removed;
  for (const auto& id : of.missing)
    removed.emplace_back(to_string(id));
  document["removed"] = std::move(removed);
  return document;
}

scope_news read_news(const json::object& from) {
  scope_news news;
  const auto* revision = from.if_contains("revision");
  if (!revision || !revision->is_string()) {
    news.error = caf::make_error(ec::not_found, "no revision in the answer");
    return news;
  }
  news.revision = std::string{revision->get_string()};
  const auto* everything = from.if_contains("everything");
  news.everything
    = everything && everything->is_bool() && everything->get_bool();
  news.found = scope_identities(from);
  if (const auto* removed = from.if_contains("removed");
      removed && removed->is_array())
    for (const auto& id : removed->get_array())
      if (id.is_string())
        news.missing.push_back(
          parse_identity_id(std::string_view{id.get_string()}));
  return news;
}

} // namespace tidegate
