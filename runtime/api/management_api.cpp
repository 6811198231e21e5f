#include "runtime/api/management_api.hpp"

#include "actors/uplink/uplink.hpp"
#include "messages/ec.hpp"
#include "messages/iothub/connection_string.hpp"
#include "messages/iothub/identity_document.hpp"
#include "runtime/api/event_document.hpp"
#include "runtime/api/events_api.hpp"
#include "runtime/api/uplink_api.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace tidegate {

namespace {

namespace json = boost::json;
using http::path_parameters;
using http::request;
using http::responder;

constexpr std::size_t largest_list = 1000;

void send_json(const responder& answer, const json::value& value) {
  answer.send({200, json::serialize(value)});
}

/// What routes have brought into a lane, and what became of it when the store
/// was full; refused messages belong to no lane.
json::array
shares_document(const lane_record& lane,
                const std::map<std::string, std::uint64_t>& refused) {
  json::array all;
  for (const auto& share : lane.routes) {
    const auto found = refused.find(share.route);
    all.push_back({{"route", share.route},
                   {"accepted", share.accepted},
                   {"evicted", share.evicted},
                   {"refused", found == refused.end() ? 0 : found->second}});
  }
  return all;
}

json::object
lane_document(const lane_record& of,
              const std::map<std::string, std::uint64_t>& refused) {
  const auto& lane = of.status;
  const auto& ledger = lane.ledger;
  return {{"sink", lane.key.sink},
          {"priority", lane.key.priority},
          {"onFull", to_string(lane.key.full)},
          {"bytes", lane.bytes},
          {"accepted", ledger.accepted},
          {"delivered", ledger.delivered},
          {"pending", ledger.pending()},
          {"expired", ledger.expired},
          {"evicted", ledger.evicted},
          {"rejected", ledger.rejected},
          {"routes", shares_document(of, refused)}};
}

/// The identity with the connection string its client needs.
json::object shown_identity(const identity& one, const node_profile& who) {
  auto document = identity_document(one);
  auto text
    = to_string(connection_string{who.hub_host, one.id, one.primary_key, {}});
  if (one.credential == credential_kind::thumbprint
      || one.credential == credential_kind::authority)
    text += ";x509=true";
  document["connectionString"] = text;
  return document;
}

struct management {
  management_context context;
  actor_bridge actors;

  explicit management(const management_context& from)
    : context{from}, actors{from.core->bridge} {}

  void status(const responder& answer) const {
    actors.ask<std::vector<route_status>>(
      context.core->router, get_routes{},
      [*this, answer](const std::vector<route_status>& routes) {
        actors.ask<std::vector<client_info>>(
          context.core->clients, get_clients{},
          [*this, answer, routes](const std::vector<client_info>& clients) {
            with_uplink(answer, status_document(routes, clients.size()));
          },
          tell_error(answer));
      },
      tell_error(answer));
  }

  /// At a hub, adds what the event log says.
  void with_events(const responder& answer, json::object status) const {
    if (!context.core->events)
      return send_json(answer, status);
    actors.ask<event_log_status>(
      context.core->events, get_event_log_status{},
      [answer, status](const event_log_status& log) {
        auto with = status;
        with["events"] = event_log_document(log);
        send_json(answer, with);
      },
      [answer, status](const caf::error&) { send_json(answer, status); });
  }

  /// At a gateway, adds what the uplink says; one that is being started again
  /// says nothing.
  void with_uplink(const responder& answer, json::object status) const {
    if (context.who.is_hub())
      return with_events(answer, std::move(status));
    const auto silent
      = [answer, status](const caf::error&) { send_json(answer, status); };
    actors.ask<child_handle>(
      context.root, get_child{"uplink"},
      [*this, answer, status, silent](const child_handle& uplink) {
        actors.ask<uplink_status>(
          uplink.handle, get_uplink_status{},
          [answer, status](const uplink_status& up) {
            auto with = status;
            with["uplink"] = uplink_document(up);
            send_json(answer, with);
          },
          silent);
      },
      silent);
  }

  json::object status_document(const std::vector<route_status>& routes,
                               std::size_t clients) const {
    const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(
      std::chrono::steady_clock::now() - context.started);
    json::array lanes;
    const auto refused = context.lanes->refused_by_route();
    for (const auto& lane : context.lanes->records())
      if (!lane.dropped)
        lanes.emplace_back(lane_document(lane, refused));
    json::array sinks;
    for (const auto& route : routes)
      sinks.emplace_back(json::object{{"sink", route.sink},
                                      {"pending", route.pending},
                                      {"outstanding", route.outstanding},
                                      {"target", route.has_target}});
    return {{"role", context.who.is_hub() ? "hub" : "gateway"},
            {"host", context.who.host},
            {"hubHost", context.who.hub_host},
            {"device", context.who.device},
            {"version", TIDEGATE_VERSION},
            {"uptimeSeconds", uptime.count()},
            {"clients", clients},
            {"store",
             {{"bytes", context.lanes->used()},
              {"quota", context.lanes->limit()},
              {"refused", context.lanes->refused()}}},
            {"routes", std::move(sinks)},
            {"lanes", std::move(lanes)}};
  }

  void tree(const responder& answer) const {
    actors.ask<actor_node>(
      context.root, get_tree{},
      [answer](const actor_node& found) {
        send_json(answer, tree_document(found));
      },
      tell_error(answer));
  }

  void clients(const responder& answer) const {
    actors.ask<std::vector<client_info>>(
      context.core->clients, get_clients{},
      [answer](const std::vector<client_info>& all) {
        json::array list;
        for (const auto& one : all)
          list.emplace_back(json::object{
            {"id", to_string(one.id)},
            {"protocol", one.protocol},
            {"peer", one.peer},
            {"since",
             format_time(wall_time{std::chrono::milliseconds{one.since}})}});
        send_json(answer, list);
      },
      tell_error(answer));
  }

  /// At a gateway identities belong to the hub.
  bool is_authority(const responder& answer) const {
    if (context.who.is_authority())
      return true;
    answer.send_error(409, "this node is a gateway; its identities are "
                           "managed at its hub `"
                             + context.who.hub_host + "`");
    return false;
  }

  void list_identities_of(const request& asked, const responder& answer) const {
    const std::string after{asked.query_value("after").value_or("")};
    const std::string device{asked.query_value("device").value_or("")};
    actors.ask<std::vector<identity>>(
      context.core->identities,
      list_identities{after, largest_list, {}, device},
      [who = context.who, answer](const std::vector<identity>& all) {
        json::array list;
        for (const auto& one : all)
          list.emplace_back(shown_identity(one, who));
        send_json(answer, list);
      },
      tell_error(answer));
  }

  /// Creates the identity that the body describes, or replaces it.
  void put_identity_of(const request& asked, bool must_exist,
                       const responder& answer) const {
    if (!is_authority(answer))
      return;
    boost::system::error_code failed;
    const auto document = json::parse(asked.body, failed);
    if (failed || !document.is_object())
      return answer.send_error(400, "the body is not a JSON object");
    std::string why;
    const auto value = parse_identity_document(document.get_object(), why);
    if (!value)
      return answer.send_error(400, why);
    actors.ask<identity>(
      context.core->identities,
      put_identity{*value, must_exist, must_exist ? value->etag : ""},
      [who = context.who, answer](const identity& made) {
        send_json(answer, shown_identity(made, who));
      },
      tell_error(answer));
  }

  template <class Wish>
  void one_identity(const path_parameters& path,
                    const responder& answer) const {
    const auto module = path.find("module");
    Wish wish{{path.at("device"),
               module == path.end() ? std::string{} : module->second}};
    actors.ask<identity>(
      context.core->identities, std::move(wish),
      [who = context.who, answer](const identity& found) {
        send_json(answer, shown_identity(found, who));
      },
      tell_error(answer));
  }
};

} // namespace

json::object tree_document(const actor_node& of) {
  json::object out{{"name", of.name},
                   {"state", of.state},
                   {"restarts", of.restarts},
                   {"uptimeMs", of.uptime.count()}};
  if (of.mailbox)
    out["mailbox"] = *of.mailbox;
  if (!of.last_cause.empty())
    out["lastCause"] = of.last_cause;
  if (!of.detail.empty())
    out["detail"] = of.detail;
  json::array children;
  for (const auto& child : of.children)
    children.emplace_back(tree_document(child));
  out["children"] = std::move(children);
  return out;
}

void add_management_api(http::router& to, const management_context& context) {
  const auto shared = std::make_shared<const management>(context);
  const auto add = [&](const char* method, const char* pattern, auto handle) {
    to.add(method, pattern,
           [shared, handle](const request& asked, const path_parameters& path,
                            responder answer) {
             handle(*shared, asked, path, answer);
           });
  };
  using self = const management&;
  using ask = const request&;
  using in = const path_parameters&;
  using out = const responder&;
  add("GET", "/status", [](self m, ask, in, out answer) { m.status(answer); });
  add("GET", "/tree", [](self m, ask, in, out answer) { m.tree(answer); });
  add("GET", "/clients",
      [](self m, ask, in, out answer) { m.clients(answer); });
  add_events_api(
    to, [core = context.core] { return core->events; }, shared->actors);
  add("GET", "/identities",
      [](self m, ask r, in, out answer) { m.list_identities_of(r, answer); });
  add("POST", "/identities", [](self m, ask r, in, out answer) {
    m.put_identity_of(r, false, answer);
  });
  add("PUT", "/identities", [](self m, ask r, in, out answer) {
    m.put_identity_of(r, true, answer);
  });
  for (const char* pattern :
       {"/identities/{device}", "/identities/{device}/{module}"}) {
    add("GET", pattern, [](self m, ask, in path, out answer) {
      m.one_identity<get_identity>(path, answer);
    });
    add("DELETE", pattern, [](self m, ask, in path, out answer) {
      if (m.is_authority(answer))
        m.one_identity<delete_identity>(path, answer);
    });
  }
}

} // namespace tidegate
