#include "actors/identity/identities_fixture.hpp"

using namespace tidegate;
using namespace std::chrono_literals;

TEST_CASE_METHOD(identities_fixture, "strangers are counted under one name",
                 "[identity][io]") {
  for (const auto* name : {"one", "two", "three"}) {
    auto pending = connect(name);
    parent_answers({{}, {{name, ""}}, {}});
    CHECK_FALSE(accepted(std::move(pending)));
  }
  CHECK(refused("unknown") == 3);
  CHECK(refused("one") == 0);
  auto first = connect("leaf");
  parent_answers({{device("leaf")}, {}, {}});
  CHECK(accepted(std::move(first)));
  auto wrong = connect("leaf", key_two);
  parent_answers({{device("leaf")}, {}, {}});
  CHECK_FALSE(accepted(std::move(wrong)));
  CHECK(refused("leaf") == 1);
}

TEST_CASE_METHOD(identities_fixture,
                 "the parent is asked about few strangers at a time",
                 "[identity][io]") {
  using questions = identity_questions;
  auto known = connect("known");
  parent_answers({{device("known")}, {}, {}});
  CHECK(accepted(std::move(known)));
  parent->asked.clear();
  parent->answered = 0;
  auto first = connect("stranger-0");
  for (int i = 1; i < 100; ++i)
    connect("stranger-" + std::to_string(i));
  CHECK(parent->asked.size() == questions::most_strange_at_once);
  SECTION("and about others when those are answered") {
    parent_answers({{}, {{"stranger-0", ""}}, {}});
    CHECK(parent->asked.size() == questions::most_strange_at_once + 1);
    CHECK_FALSE(accepted(std::move(first)));
  }
  SECTION("who is known here does not wait for them") {
    connect("known", key_two);
    CHECK(parent->asked.back() == identity_id{"known", ""});
  }
  SECTION("nor who is read with the whole scope meanwhile") {
    auto late = connect("late");
    caf::anon_send(caf::actor_cast<caf::actor>(subject),
                   whole_scope{{device("late"), device("known")}, {}});
    run();
    CHECK(accepted(std::move(late)));
  }
  SECTION("and not about more than so many in a time") {
    for (std::size_t i = 100; i < questions::burst; ++i)
      connect("stranger-" + std::to_string(i));
    for (int times = 0; times < 10; ++times) {
      caf::error why;
      connect("one-more")
        .receive([](const authenticated&) {},
                 [&](const caf::error& error) { why = error; });
      CHECK(why == ec::unavailable); // it may try again
    }
  }
}

TEST_CASE_METHOD(identities_fixture,
                 "an unknown client is asked for at the parent, once",
                 "[identity][io]") {
  auto first = connect("leaf");
  auto second = connect("leaf");
  REQUIRE(parent->asked == std::vector<identity_id>{{"leaf", ""}});
  SECTION("and accepted when the parent knows it") {
    parent_answers({{device("leaf")}, {}, {}});
    CHECK(accepted(std::move(first)));
    CHECK(accepted(std::move(second)));
    SECTION("later connections are decided here") {
      CHECK(accepted(connect("leaf")));
      CHECK(parent->asked.size() == 1);
    }
    SECTION("a client that is verified again costs no question") {
      now += std::chrono::minutes{1};
      const identity_id who{"leaf", ""};
      const auto again = ask<authenticated>(
        subject,
        authenticate{.id = who,
                     .token = *mint_sas_token("hub.local", who, key_two, later),
                     .again = true});
      CHECK(again.error() == ec::unauthorized);
      CHECK(parent->asked.size() == 1);
    }
    SECTION("a new key is learnt from the parent at once") {
      auto renewed = connect("leaf", key_two);
      CHECK(parent->asked.size() == 2);
      parent_answers({{device("leaf", key_two)}, {}, {}});
      CHECK(accepted(std::move(renewed)));
      CHECK(verified == std::vector<identity_id>{{"leaf", ""}});
      CHECK(disconnected.empty());
    }
    SECTION("an identity that is gone at the parent is disconnected") {
      now += std::chrono::minutes{1};
      auto wrong = connect("leaf", key_two);
      parent_answers({{}, {{"leaf", ""}}, {}});
      CHECK_FALSE(accepted(std::move(wrong)));
      CHECK(disconnected == std::vector<identity_id>{{"leaf", ""}});
    }
  }
  SECTION("and refused when the parent does not know it") {
    parent_answers({{}, {{"leaf", ""}}, {}});
    CHECK_FALSE(accepted(std::move(first)));
    CHECK_FALSE(accepted(std::move(second)));
    SECTION("and asked for again at first, but not at every try") {
      const auto hammer = [&] {
        for (int i = 0; i < 20; ++i) {
          auto pending = connect("leaf");
          parent_answers({{}, {{"leaf", ""}}, {}});
          CHECK_FALSE(accepted(std::move(pending)));
        }
      };
      hammer();
      CHECK(parent->asked.size() == 4);
      now += std::chrono::seconds{10};
      hammer();
      CHECK(parent->asked.size() == 5);
    }
  }
  SECTION("and refused when the parent is away") {
    parent_answers({{}, {}, caf::make_error(ec::unavailable, "away")});
    CHECK_FALSE(accepted(std::move(first)));
    CHECK_FALSE(accepted(std::move(second)));
  }
}

TEST_CASE_METHOD(identities_fixture,
                 "an edge hub hears that a device is gone, but only from its "
                 "authority",
                 "[identity][io]") {
  auto edge = device("edge");
  edge.edge = true;
  REQUIRE(ask<identity>(subject, put_identity{edge, false, {}}));
  const auto verdict = [&](scope_answer answer) {
    const auto token
      = *mint_sas_token("hub.local", {"edge", "$edgeHub"}, key_one, later);
    auto pending = self->request(
      subject, caf::infinite, authenticate{{"leaf", {}}, token, "leaf;edge"});
    run();
    parent_answers(std::move(answer));
    caf::error why;
    pending.receive([](const authenticated&) {},
                    [&](const caf::error& error) { why = error; });
    return why;
  };
  CHECK(verdict({{}, {{"leaf", ""}}, {}}) == ec::not_found);
  CHECK(verdict({{}, {}, caf::make_error(ec::unavailable, "away")})
        == ec::unauthorized);
  for (int i = 0; i < 2; ++i)
    CHECK(verdict({{}, {{"leaf", ""}}, {}}) == ec::not_found);
  // Not asked again so soon: the authority may know more by now.
  CHECK(verdict({}) == ec::unauthorized);
}

TEST_CASE_METHOD(identities_fixture,
                 "a hub says of nobody it cannot read that it is gone",
                 "[identity][io]") {
  const auto hub
    = make_subject([](identities_context& made) { made.scope = nullptr; });
  auto edge = device("edge");
  edge.edge = true;
  REQUIRE(ask<identity>(hub, put_identity{edge, false, {}}));
  auto leaf = device("leaf");
  leaf.parent = "edge";
  REQUIRE(ask<identity>(hub, put_identity{leaf, false, {}}));
  const auto verdict = [&](const std::string& id) {
    const auto token
      = *mint_sas_token("hub.local", {"edge", "$edgeHub"}, key_one, later);
    auto pending = self->request(hub, caf::infinite,
                                 authenticate{{id, {}}, token, id + ";edge"});
    run();
    caf::error why;
    pending.receive([](const authenticated&) {},
                    [&](const caf::error& error) { why = error; });
    return why;
  };
  const auto now_damaged = [&](const identity& one) {
    const identity_store other{
      db, std::make_shared<const seal>(std::string(32, 'x'))};
    REQUIRE_FALSE(identity_store{other}.put(one));
  };
  CHECK_FALSE(verdict("leaf"));
  now_damaged(leaf);
  CHECK(verdict("leaf") == ec::unauthorized);
  CHECK(verdict("nobody") == ec::not_found);
  // An operator can give it up, and make it anew.
  CHECK(ask<identity>(hub, put_identity{leaf, false, {}}).error()
        == ec::store_damaged);
  CHECK(ask<identity>(hub, delete_identity{leaf.id, {}}));
  CHECK(verdict("leaf") == ec::not_found);
  CHECK(ask<identity>(hub, put_identity{leaf, false, {}}));
  caf::anon_send_exit(hub, caf::exit_reason::user_shutdown);
  run();
}

TEST_CASE_METHOD(identities_fixture,
                 "a gateway's identity brings its system modules",
                 "[identity][io]") {
  auto edge = device("edge", "");
  edge.edge = true;
  const auto made = ask<identity>(subject, put_identity{edge, false, {}});
  REQUIRE(made);
  CHECK_FALSE(made->primary_key.empty());
  const auto all
    = ask<std::vector<identity>>(subject, list_identities{{}, 10, {}, {}});
  CHECK(all->size() == 3);
  SECTION("and takes them along when it goes") {
    CHECK(ask<identity>(subject, delete_identity{{"edge", ""}}));
    run();
    CHECK(disconnected.size() == 3);
    CHECK(ask<std::vector<identity>>(subject, list_identities{{}, 10, {}, {}})
            ->empty());
  }
  SECTION("and those behind it are listed as its scope") {
    auto leaf = device("leaf");
    leaf.parent = "edge";
    REQUIRE(ask<identity>(subject, put_identity{leaf, false, {}}));
    REQUIRE(ask<identity>(subject, put_identity{device("far"), false, {}}));
    CHECK(
      ask<std::vector<identity>>(subject, list_identities{{}, 10, "edge", {}})
        ->size()
      == 4);
    CHECK(ask<std::vector<identity>>(subject,
                                     list_identities{{}, 10, "edge", "far"})
            ->empty());
  }
}

TEST_CASE_METHOD(identities_fixture, "identities that cannot be are refused",
                 "[identity][io]") {
  const auto error_of = [this](identity value) {
    return ask<identity>(subject, put_identity{std::move(value), false, {}})
      .error();
  };
  REQUIRE(ask<identity>(subject, put_identity{device("a"), false, {}}));
  CHECK(error_of(device("a")) == ec::exists);
  CHECK(error_of(device("b", "not base64")) == ec::bad_argument);
  auto orphan = device("c");
  orphan.parent = "a";
  CHECK(error_of(orphan) == ec::bad_argument);
  auto module = device("nobody");
  module.id.module = "m";
  CHECK(error_of(module) == ec::not_found);
}

TEST_CASE_METHOD(identities_fixture, "a scope is listed level by level",
                 "[identity][io]") {
  const auto add
    = [this](const std::string& id, bool edge, const std::string& above) {
        auto one = device(id);
        one.edge = edge;
        one.parent = above;
        REQUIRE(ask<identity>(subject, put_identity{one, false, {}}));
      };
  add("edge", true, "");
  add("inner", true, "edge");
  add("leaf", false, "inner");
  add("near", false, "edge");
  const auto listed = [this](bool directly) {
    const auto all = ask<std::vector<identity>>(
      subject,
      list_identities{.most = 100, .behind = "edge", .directly = directly});
    std::vector<std::string> names;
    for (const auto& one : *all)
      names.push_back(to_string(one.id));
    return names;
  };
  CHECK(listed(true)
        == std::vector<std::string>{"edge", "edge/$edgeAgent", "edge/$edgeHub",
                                    "inner", "near"});
  CHECK(listed(false).size() == 8);
  CHECK(*ask<std::string>(subject, get_auth_chain{"leaf"})
        == "leaf;inner;edge");
  CHECK(ask<std::string>(subject, get_auth_chain{"far"}).error()
        == ec::not_found);
}

TEST_CASE_METHOD(identities_fixture, "an identity is refreshed when told to",
                 "[identity][io]") {
  const identity_id leaf{"leaf", ""};
  caf::anon_send(subject, scope_answer{{device("leaf")}, {}, {}});
  run();
  REQUIRE(accepted(connect("leaf")));
  auto pending = self->request(subject, caf::infinite, refresh_identity{leaf});
  run();
  REQUIRE(parent->asked == std::vector<identity_id>{leaf});
  auto changed = device("leaf");
  const auto done = [&] {
    bool good = false;
    pending.receive([&](identity_refreshed) { good = true; },
                    [](const caf::error&) {});
    return good;
  };
  SECTION("and verified again when it has changed") {
    changed.primary_key = key_two;
    parent_answers({{changed}, {}, {}});
    CHECK(done());
    CHECK(verified == std::vector<identity_id>{leaf});
  }
  SECTION("and disconnected when it is disabled") {
    changed.enabled = false;
    parent_answers({{changed}, {}, {}});
    CHECK(done());
    CHECK(disconnected == std::vector<identity_id>{leaf});
  }
  SECTION("and stays as it is when the parent is away") {
    parent_answers({{}, {}, caf::make_error(ec::unavailable, "away")});
    CHECK(done());
    CHECK(verified.empty());
    CHECK(disconnected.empty());
  }
}
