#pragma once

#include "loop_fixture.hpp"
#include "recording_session.hpp"
#include "runtime/net/listener.hpp"

#include <catch2/catch.hpp>

/// Listeners whose connections go to recording sessions.
struct connections : loop_fixture {
  std::vector<record_ptr> sessions;
  tidegate::listener_ptr door;

  tidegate::session_factory factory() {
    return [this](const tidegate::transport_ptr& transport) {
      auto record = std::make_shared<session_record>();
      record->transport = transport;
      record->actor = sys.spawn(recording_session, record);
      sessions.push_back(record);
      return record->actor;
    };
  }

  std::uint16_t open(tidegate::connection_options options = {},
                     tidegate::listen_options where = {}) {
    where.name = "test";
    where.address = "127.0.0.1";
    auto opened = listen(loop, where, std::move(options), factory());
    REQUIRE(opened);
    door = *opened;
    return door->port();
  }

  session_record& accepted() {
    REQUIRE(until([&] { return !sessions.empty(); }));
    return *sessions.front();
  }

  ~connections() {
    if (door)
      door->stop();
    for (const auto& record : sessions) {
      record->transport->close();
      caf::anon_send_exit(record->actor, caf::exit_reason::user_shutdown);
    }
    settle();
  }
};
