#include "actors/identity/identities_fixture.hpp"

using namespace tidegate;
using namespace std::chrono_literals;

TEST_CASE_METHOD(identities_fixture, "a gateway follows its parent",
                 "[identity][io]") {
  const auto known = [this] {
    const auto all
      = ask<std::vector<identity>>(subject, list_identities{{}, 100, {}, {}});
    std::vector<std::string> names;
    for (const auto& one : *all)
      names.push_back(to_string(one.id));
    return names;
  };
  const auto tell = [this](auto news) {
    self->send(caf::actor_cast<caf::actor>(parent->who), std::move(news));
    run();
  };
  run();
  pass(0s);
  REQUIRE(parent->awaited == std::vector<std::string>{""});
  SECTION("it reads everything, then waits for what changes") {
    tell(scope_news{"r.1", true, {}, {}, {}});
    pass(0s);
    REQUIRE(parent->read == 1);
    pass(1s);
    CHECK(parent->awaited.back() == "r.1");
    tell(whole_scope{{device("edge"), device("leaf"), device("old")}, {}});
    CHECK(known() == std::vector<std::string>{"edge", "leaf", "old"});
    tell(
      scope_news{"r.2", false, {device("leaf", key_two)}, {{"old", ""}}, {}});
    CHECK(known() == std::vector<std::string>{"edge", "leaf"});
    CHECK(verified.front() == identity_id{"leaf", ""});
    CHECK(disconnected == std::vector<identity_id>{{"old", ""}});
    pass(1s);
    CHECK(parent->awaited.back() == "r.2");
    CHECK(parent->read == 1);
    SECTION("a disabled identity is disconnected at once") {
      auto leaf = device("leaf", key_two);
      leaf.enabled = false;
      tell(scope_news{"r.3", false, {leaf}, {}, {}});
      CHECK(disconnected.back() == identity_id{"leaf", ""});
    }
    SECTION("every hour it reads everything again") {
      pass(1h);
      CHECK(parent->read == 2);
      tell(whole_scope{{device("edge")}, {}});
      CHECK(known() == std::vector<std::string>{"edge"});
    }
    SECTION("what is learnt while it reads is not forgotten") {
      pass(1h);
      tell(scope_answer{{device("new")}, {}, {}});
      tell(whole_scope{{device("edge")}, {}});
      CHECK(known() == std::vector<std::string>{"edge", "new"});
    }
    SECTION("what is removed while it reads does not come back") {
      pass(1h);
      tell(scope_news{"r.3", false, {}, {{"leaf", ""}}, {}});
      tell(whole_scope{{device("edge"), device("leaf")}, {}});
      CHECK(known() == std::vector<std::string>{"edge"});
    }
    SECTION("what changes a lot while it reads is read once more") {
      pass(1h);
      REQUIRE(parent->read == 2);
      tell(scope_news{"s.1", true, {}, {}, {}});
      tell(whole_scope{{device("edge")}, {}});
      pass(0s);
      CHECK(parent->read == 3);
      tell(whole_scope{{device("edge")}, {}});
      pass(30min);
      CHECK(parent->read == 3);
    }
  }
  SECTION("a parent that cannot be reached is asked again, less and less") {
    const auto away = caf::make_error(ec::unavailable, "away");
    tell(scope_news{{}, false, {}, {}, away});
    pass(4s);
    CHECK(parent->awaited.size() == 1);
    pass(1s);
    REQUIRE(parent->awaited.size() == 2);
    tell(scope_news{{}, false, {}, {}, away});
    pass(9s);
    CHECK(parent->awaited.size() == 2);
    SECTION("and at once when the uplink is back") {
      caf::anon_send(subject, uplink_changed{true});
      run();
      pass(0s);
      CHECK(parent->awaited.size() == 3);
    }
  }
  SECTION("a parent that tells no changes is read whole") {
    tell(scope_news{{}, false, {}, {}, caf::make_error(ec::not_found, "404")});
    pass(0s);
    CHECK(parent->read == 1);
    tell(whole_scope{{device("edge")}, {}});
    pass(30min);
    CHECK(parent->awaited.size() == 1);
    CHECK(parent->read == 1);
    SECTION("also when it can be reached again") {
      caf::anon_send(subject, uplink_changed{true});
      run();
      pass(0s);
      CHECK(parent->read == 2);
    }
    SECTION("and again soon when that fails") {
      pass(30min);
      REQUIRE(parent->read == 2);
      tell(whole_scope{{}, caf::make_error(ec::unavailable, "away")});
      CHECK(known() == std::vector<std::string>{"edge"});
      pass(1min);
      CHECK(parent->read == 3);
    }
  }
}

TEST_CASE_METHOD(identities_fixture, "gateways below wait for what changes",
                 "[identity][io]") {
  auto edge = device("edge");
  edge.edge = true;
  REQUIRE(ask<identity>(subject, put_identity{edge, false, {}}));
  const auto first = ask<scope_news>(subject, await_scope_news{"edge", ""});
  REQUIRE(first);
  const auto start = *first;
  CHECK(start.everything);
  auto pending = self->request(subject, caf::infinite,
                               await_scope_news{"edge", start.revision});
  run();
  scope_news told;
  const auto receive = [&] {
    pending.receive([&](const scope_news& news) { told = news; },
                    [](const caf::error&) { FAIL("an error"); });
  };
  SECTION("and hear of those in their scope") {
    REQUIRE(ask<identity>(subject, put_identity{device("far"), false, {}}));
    auto leaf = device("leaf");
    leaf.parent = "edge";
    REQUIRE(ask<identity>(subject, put_identity{leaf, false, {}}));
    receive();
    REQUIRE(told.found.size() == 1);
    CHECK(told.found.front().id == identity_id{"leaf", ""});
    SECTION("and when they leave it") {
      leaf.parent.clear();
      REQUIRE(ask<identity>(subject, put_identity{leaf, true, {}}));
      const auto gone
        = *ask<scope_news>(subject, await_scope_news{"edge", told.revision});
      CHECK(gone.found.empty());
      CHECK(gone.missing == std::vector<identity_id>{{"leaf", ""}});
    }
  }
  SECTION("and are answered after a minute, news or not") {
    pass(60s);
    receive();
    CHECK_FALSE(told.everything);
    CHECK(told.found.empty());
    CHECK(told.revision == start.revision);
  }
}
