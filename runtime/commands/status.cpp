#include "messages/shown_text.hpp"
#include "runtime/commands/commands.hpp"
#include "runtime/commands/operator_client.hpp"
#include "runtime/commands/output.hpp"
#include "runtime/commands/table.hpp"
#include "runtime/commands/uplink_line.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <memory>

namespace tidegate {

namespace {

namespace json = boost::json;

std::string text_at(const json::object& in, std::string_view key) {
  const auto* value = in.if_contains(key);
  if (!value)
    return "";
  return shown_text(value->is_string() ? std::string{value->get_string()}
                                       : json::serialize(*value));
}

double number_at(const json::object& in, std::string_view key) {
  const auto* value = in.if_contains(key);
  return value && value->is_number() ? value->to_number<double>() : 0;
}

/// What the event log of a hub holds, and may.
void print_events(const json::object& events) {
  const auto count = number_at(events, "next") - number_at(events, "oldest");
  std::string kept;
  const auto& retention = events.at("retention").get_object();
  if (retention.contains("bytes"))
    kept += ", at most " + size_text(number_at(retention, "bytes"));
  if (retention.contains("ageMs"))
    kept += ", for "
            + duration_text(
              static_cast<long long>(number_at(retention, "ageMs") / 1000));
  std::printf("events   %.0f, %s%s%s%s\n", count,
              size_text(number_at(events, "bytes")).c_str(),
              events.contains("oldestTime") ? ", since " : "",
              text_at(events, "oldestTime").c_str(),
              kept.empty() ? ", kept until the quota is used up"
                           : (", kept" + kept.substr(1)).c_str());
  if (number_at(events, "droppedByQuota") > 0)
    std::printf("         %s dropped by the quota since the node started; "
                "raise store.quota, or set events.retention_*\n",
                text_at(events, "droppedByQuota").c_str());
}

/// The sink of a lane, and what happens when the store is full where others
/// have the same sink and priority.
std::string name_of(const json::object& lane, const json::array& all) {
  auto sink = text_at(lane, "sink");
  const auto alike = std::ranges::count_if(all, [&](const json::value& other) {
    const auto& it = other.get_object();
    return it.at("sink") == lane.at("sink")
           && it.at("priority") == lane.at("priority");
  });
  return alike > 1 ? sink + " (" + text_at(lane, "onFull") + ')' : sink;
}

void print_status(const json::object& status) {
  std::printf(
    "%s %s  (%s, up %s)\n", text_at(status, "role").c_str(),
    text_at(status, "host").c_str(), text_at(status, "version").c_str(),
    duration_text(static_cast<long long>(number_at(status, "uptimeSeconds")))
      .c_str());
  const auto& store = status.at("store").get_object();
  std::printf("clients  %s\nstore    %s of %s, %s messages refused\n",
              text_at(status, "clients").c_str(),
              size_text(number_at(store, "bytes")).c_str(),
              size_text(number_at(store, "quota")).c_str(),
              text_at(store, "refused").c_str());
  if (const auto* uplink = status.if_contains("uplink"))
    std::printf("uplink   %s\n", uplink_line(uplink->get_object()).c_str());
  if (const auto* events = status.if_contains("events"))
    print_events(events->get_object());
  table routes{{"ROUTE", "TO", "WHEN FULL", "ACCEPTED", "EVICTED", "REFUSED"}};
  table lanes{{"SINK", "PRIORITY", "PENDING", "ACCEPTED", "DELIVERED",
               "EXPIRED", "EVICTED", "REJECTED"}};
  const auto& all = status.at("lanes").get_array();
  for (const auto& entry : all) {
    const auto& lane = entry.get_object();
    const auto priority = text_at(lane, "priority");
    lanes.add({name_of(lane, all),
               priority == "2000000000" ? "default" : priority,
               text_at(lane, "pending"), text_at(lane, "accepted"),
               text_at(lane, "delivered"), text_at(lane, "expired"),
               text_at(lane, "evicted"), text_at(lane, "rejected")});
    for (const auto& share : lane.at("routes").get_array()) {
      const auto& route = share.get_object();
      routes.add({text_at(route, "route"), text_at(lane, "sink"),
                  text_at(lane, "onFull"), text_at(route, "accepted"),
                  text_at(route, "evicted"), text_at(route, "refused")});
    }
  }
  std::printf("\n%s", lanes.text().c_str());
  if (!routes.empty())
    std::printf("\n%s", routes.text().c_str());
}

void add_rows(table& to, const json::object& node, const std::string& indent) {
  to.add(
    {indent + text_at(node, "name"), text_at(node, "state"),
     text_at(node, "restarts"), text_at(node, "mailbox"),
     duration_text(static_cast<long long>(number_at(node, "uptimeMs")) / 1000),
     text_at(node, "lastCause"), text_at(node, "detail")});
  for (const auto& child : node.at("children").get_array())
    add_rows(to, child.get_object(), indent + "  ");
}

void print_tree(const json::object& root) {
  table rows{
    {"NAME", "STATE", "RESTARTS", "MAILBOX", "UPTIME", "LAST CAUSE", "DETAIL"}};
  add_rows(rows, root, "");
  std::fputs(rows.text().c_str(), stdout);
}

void print_clients(const json::array& all) {
  table rows{{"CLIENT", "PROTOCOL", "PEER", "SINCE"}};
  for (const auto& entry : all) {
    const auto& one = entry.get_object();
    rows.add({text_at(one, "id"), text_at(one, "protocol"),
              text_at(one, "peer"), text_at(one, "since")});
  }
  std::fputs(rows.text().c_str(), stdout);
}

/// A command that asks for one document and prints it.
void add_query(CLI::App& app, int& code, const char* name, const char* help,
               const char* target,
               const std::function<void(const json::value&)>& print) {
  auto* command = app.add_subcommand(name, help);
  auto with = std::make_shared<common_options>();
  with->add_to(*command);
  command->callback([with, target, print, &code] {
    const auto answer = operator_client{*with}.call("GET", target);
    code = answer ? 0 : 1;
    if (answer && with->json)
      print_json(*answer);
    else if (answer)
      print(*answer);
  });
}

} // namespace

void add_status_commands(CLI::App& app, int& code) {
  add_query(app, code, "status", "Show what the node holds and does", "/status",
            [](const json::value& v) { print_status(v.as_object()); });
  add_query(app, code, "tree", "Show the live tree of actors", "/tree",
            [](const json::value& v) { print_tree(v.as_object()); });
  add_query(app, code, "clients", "List the connected clients", "/clients",
            [](const json::value& v) { print_clients(v.as_array()); });
}

} // namespace tidegate
