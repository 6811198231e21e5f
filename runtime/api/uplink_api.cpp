#include "runtime/api/uplink_api.hpp"

#include "actors/supervision/supervisor_messages.hpp"

#include <boost/json/serialize.hpp>

namespace tidegate {

namespace {

using http::path_parameters;
using http::request;
using http::responder;

struct uplink_calls {
  caf::actor root;
  actor_bridge actors;
  bool is_hub = false;

  template <class Wish>
  void tell(Wish wish, const responder& answer) const {
    if (is_hub)
      return answer.send_error(409, "this node is a hub; it has no uplink");
    actors.ask<child_handle>(
      root, get_child{"uplink"},
      [actors = actors, wish, answer](const child_handle& uplink) {
        actors.ask<uplink_status>(
          uplink.handle, wish,
          [answer](const uplink_status& up) {
            answer.send({200, boost::json::serialize(uplink_document(up))});
          },
          tell_error(answer));
      },
      tell_error(answer));
  }
};

} // namespace

boost::json::object uplink_document(const uplink_status& of) {
  return {{"parent", of.parent},
          {"state", to_string(of.state)},
          {"paused", of.paused},
          {"failures", of.failures},
          {"lastFailure", of.last_failure},
          {"unacknowledged", of.unacknowledged}};
}

void add_uplink_api(http::router& to, const caf::actor& root,
                    const actor_bridge& actors, bool is_hub) {
  const auto calls
    = std::make_shared<const uplink_calls>(uplink_calls{root, actors, is_hub});
  const auto add = [&](const char* method, const char* pattern, auto wish) {
    to.add(
      method, pattern,
      [calls, wish](const request&, const path_parameters&,
                    const responder& answer) { calls->tell(wish, answer); });
  };
  add("GET", "/uplink", get_uplink_status{});
  add("POST", "/uplink/pause", pause_uplink{});
  add("POST", "/uplink/resume", resume_uplink{});
}

} // namespace tidegate
