#include "messages/twin/hub_report.hpp"

#include "messages/twin/property_name.hpp"
#include "messages/twin/rules.hpp"

#include <boost/json/value.hpp>
#include <utility>

namespace tidegate::twin {

namespace {

namespace json = boost::json;

/// Of what is wrong with a configuration, this much is enough to find it.
constexpr std::size_t longest_description = 1024;

/// Where all clients are forgotten first, one that came and went needs no
/// null, which would stay in the new list (edge-hub spec 7.4).
void drop_nulls(json::object& clients) {
  std::vector<std::string> gone;
  for (const auto& [key, status] : clients)
    if (status.is_null())
      gone.emplace_back(key);
  for (const auto& key : gone)
    clients.erase(key);
}

json::object client_patch(const identity_id& client, json::value status) {
  return {{"clients", json::object{{property_name(to_string(client)),
                                    std::move(status)}}}};
}

} // namespace

hub_report::hub_report(std::string version) : version_{std::move(version)} {
  collected_.add({{"clients", nullptr}});
}

void hub_report::configuration(std::int64_t of, int code,
                               std::string_view description) {
  collected_.add(
    {{"lastDesiredVersion", of},
     {"lastDesiredStatus",
      {{"code", code},
       {"description", description.substr(0, longest_description)}}},
     {"clients", json::object{}}});
}

void hub_report::connected(const identity_id& client, const std::string& now) {
  collected_.add(client_patch(
    client, {{"status", "Connected"}, {"lastConnectedTimeUtc", now}}));
}

/// A module is remembered, a leaf device is not.
void hub_report::disconnected(const identity_id& client,
                              const std::string& now) {
  json::value status = nullptr;
  if (client.is_module())
    status = {{"status", "Disconnected"}, {"lastDisconnectedTimeUtc", now}};
  collected_.add(client_patch(client, std::move(status)));
}

std::vector<std::string> hub_report::take() {
  collected_.add(
    {{"schemaVersion", "1.0"},
     {"version", {{"version", version_}, {"build", ""}, {"commit", ""}}}});
  auto* const clients = collected_.changed.if_contains("clients");
  if (collected_.removed.contains("clients") && clients->is_object())
    drop_nulls(clients->get_object());
  return std::exchange(collected_, {}).parts(largest_patch);
}

} // namespace tidegate::twin
