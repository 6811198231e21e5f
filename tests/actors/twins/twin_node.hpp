#pragma once

#include "messages/twin_messages.hpp"
#include "storage/identity_store.hpp"
#include "storage/twin_store.hpp"
#include "support/lane_fixture.hpp"
#include "support/session_node.hpp"

#include <boost/json.hpp>

#include <map>
#include <string>
#include <vector>

/// A node with twins on a disk in memory, and clients that note what they are
/// told of their desired properties.
struct twin_node : session_node {
  tidegate::lane_fixture disk;
  std::shared_ptr<tidegate::twin_store> on_disk
    = std::make_shared<tidegate::twin_store>(
      disk.db, std::make_shared<const tidegate::seal>(std::string(32, 'k')));
  std::vector<caf::actor> sessions;
  /// Told to each client, oldest first.
  std::map<tidegate::identity_id, std::vector<boost::json::value>> told;

  const tidegate::identity_id pump{"pump-7", {}};
  const tidegate::identity_id own{"edge-1", "$edgeHub"};

  ~twin_node() {
    for (const auto& session : sessions)
      caf::anon_send_exit(session, caf::exit_reason::user_shutdown);
  }

  caf::actor spawn_session() {
    sessions.push_back(sys.spawn([this](caf::event_based_actor*) {
      return caf::behavior{[this](const tidegate::desired_changed& news) {
        told[news.id].push_back(boost::json::parse(*news.patch));
        CHECK(news.version == told[news.id].back().at("$version").as_int64());
      }};
    }));
    return sessions.back();
  }

  caf::actor connect(const tidegate::identity_id& id, bool wants_desired) {
    const auto session = spawn_session();
    REQUIRE(ask<tidegate::client_joined>(
      clients, tidegate::client_join{id, session, "mqtt", "peer"}));
    caf::anon_send(clients, tidegate::client_subscribed{
                              id, session, {false, wants_desired, false}});
    run();
    return session;
  }

  template <class Actor>
  caf::expected<tidegate::properties_reported>
  report(const Actor& whom, const tidegate::identity_id& id,
         const std::string& patch) {
    return ask<tidegate::properties_reported>(
      whom, tidegate::report_properties{id, tidegate::own(patch)});
  }

  template <class Actor>
  boost::json::value get(const Actor& whom, const tidegate::identity_id& id) {
    const auto twin = ask<tidegate::twin_text>(whom, tidegate::get_twin{id});
    INFO(tidegate::why(twin));
    REQUIRE(twin);
    return boost::json::parse(*twin->json);
  }
};

inline boost::json::value json_of(const char* text) {
  return boost::json::parse(text);
}
