#include "messages/twin/hub_report.hpp"

#include "messages/twin/rules.hpp"

#include <boost/json/value.hpp>
#include <utility>

namespace tidegate::twin {

namespace {

namespace json = boost::json;

/// Of what is wrong with a configuration, this much is enough to find it.
constexpr std::size_t longest_description = 1024;

} // namespace

hub_report::hub_report(std::string version, std::size_t room)
  : version_{std::move(version)}, clients_{room} {
  lost();
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
  clients_.connected(client, now);
}

void hub_report::disconnected(const identity_id& client,
                              const std::string& now) {
  clients_.disconnected(client, now);
}

void hub_report::lost() {
  clients_.forget_reported();
  counted_.reset();
  collected_.add({{"clients", nullptr}, {"clientCount", nullptr}});
}

/// Says how many there are, where they are not all to be seen.
void hub_report::count_clients() {
  const auto now = clients_.count();
  if (now.shown == now.known) {
    if (std::exchange(counted_, std::nullopt))
      collected_.add({{"clientCount", nullptr}});
  } else if (counted_ != now) {
    counted_ = now;
    collected_.add({{"clientCount",
                     {{"known", now.known},
                      {"connected", now.connected},
                      {"shown", now.shown}}}});
  }
}

std::vector<std::string> hub_report::take() {
  collected_.add(
    {{"schemaVersion", "1.0"},
     {"version", {{"version", version_}, {"build", ""}, {"commit", ""}}}});
  if (auto changes = clients_.take_changes(); !changes.empty())
    collected_.add({{"clients", std::move(changes)}});
  count_clients();
  return std::exchange(collected_, {}).parts(largest_patch);
}

} // namespace tidegate::twin
