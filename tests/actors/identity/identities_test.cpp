#include "actors/identity/identities.hpp"
#include "messages/ec.hpp"
#include "messages/iothub/sas_signature.hpp"
#include "support/deterministic.hpp"
#include "support/temporary_folder.hpp"

#include <caf/send.hpp>
#include <catch2/catch.hpp>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

const std::string key_one = "dGlkZWdhdGUtcHJpbWFyeS1rZXktMDEyMzQ1Njc4OSE=";
const std::string key_two = "dGlkZWdhdGUtc2Vjb25kLWtleS05ODc2NTQzMjEwISE=";
constexpr std::chrono::sys_seconds later{std::chrono::seconds{4'102'444'800}};

/// A parent that notes what it is asked and leaves the answer to the test.
struct noting_parent : scope_source {
  std::vector<identity_id> asked;
  caf::actor who;

  void fetch(const identity_id& id, caf::actor asker) override {
    asked.push_back(id);
    who = std::move(asker);
  }
  void fetch_all(caf::actor asker) override {
    ++read;
    who = std::move(asker);
  }
  void await_news(const std::string& revision, caf::actor asker) override {
    awaited.push_back(revision);
    who = std::move(asker);
  }

  std::vector<std::string> awaited;
  int read = 0;
};

struct fixture : deterministic {
  temporary_folder folder;
  std::vector<identity_id> disconnected;
  std::vector<identity_id> verified;
  std::shared_ptr<noting_parent> parent = std::make_shared<noting_parent>();
  sas_time now{std::chrono::seconds{1'767'225'600}};
  client_registry_actor clients = make_clients();
  std::shared_ptr<prometheus::Registry> registry
    = std::make_shared<prometheus::Registry>();
  identities_actor subject = make_subject();

  ~fixture() {
    parent->who = nullptr;
    caf::anon_send_exit(subject, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(clients, caf::exit_reason::user_shutdown);
  }

  client_registry_actor make_clients() {
    return sys.spawn([this](client_registry_actor::pointer)
                       -> client_registry_actor::behavior_type {
      return {
        [](const client_join&) { return client_joined{}; },
        [](const client_leave&) {},
        [this](const disconnect_client& wish) {
          disconnected.push_back(wish.id);
        },
        [](const client_subscribed&) {},
        [](const watch_clients&) {},
        [this](const verify_clients& wish) { verified.push_back(wish.id); },
        [](get_clients) { return std::vector<client_info>{}; },
        [](const is_connected&) { return false; },
      };
    });
  }

  identities_actor make_subject() {
    database_options options;
    options.path = folder.path() / "store";
    identities_context context;
    context.store = std::make_shared<identity_store>(
      *database::open(options),
      std::make_shared<const seal>(std::string(32, 'k')));
    context.clients = clients;
    context.meters = std::make_shared<metrics>(registry, prometheus::Labels{});
    context.hosts = {"hub.local"};
    context.device = "edge";
    context.scope = parent;
    context.now = [this] { return now; };
    return sys.spawn(identities, std::move(context));
  }

  /// Sends a client's credentials and leaves the answer open.
  auto connect(const std::string& id, const std::string& key = key_one) {
    const auto who = parse_identity_id(id);
    auto pending = self->request(
      subject, caf::infinite,
      authenticate{who, *mint_sas_token("hub.local", who, key, later), {}});
    run();
    return pending;
  }

  template <class Pending>
  bool accepted(Pending pending) {
    bool good = false;
    pending.receive([&](const authenticated&) { good = true; },
                    [](const caf::error&) {});
    return good;
  }

  /// How many refusals were counted under that name.
  double refused(const std::string& id) const {
    for (const auto& family : registry->Collect())
      if (family.name == "edgehub_client_connect_failed_total")
        for (const auto& one : family.metric)
          for (const auto& label : one.label)
            if (label.name == "id" && label.value == id)
              return one.counter.value;
    return 0;
  }

  void parent_answers(scope_answer answer) {
    self->send(caf::actor_cast<caf::actor>(parent->who), std::move(answer));
    run();
  }

  static identity device(const std::string& id,
                         const std::string& key = key_one) {
    identity made;
    made.id = {id, {}};
    made.primary_key = key;
    return made;
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "strangers are counted under one name",
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

TEST_CASE_METHOD(fixture, "the parent is asked about so many at a time",
                 "[identity][io]") {
  for (int i = 0; i < 1000; ++i)
    connect("stranger-" + std::to_string(i));
  CHECK(parent->asked.size() == 1000);
  CHECK_FALSE(accepted(connect("one-more")));
  CHECK(parent->asked.size() == 1000);
}

TEST_CASE_METHOD(fixture, "an unknown client is asked for at the parent, once",
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

TEST_CASE_METHOD(fixture,
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

TEST_CASE_METHOD(fixture, "a gateway's identity brings its system modules",
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

TEST_CASE_METHOD(fixture, "identities that cannot be are refused",
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

TEST_CASE_METHOD(fixture, "a gateway follows its parent", "[identity][io]") {
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

TEST_CASE_METHOD(fixture, "gateways below wait for what changes",
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

TEST_CASE_METHOD(fixture, "a scope is listed level by level",
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
