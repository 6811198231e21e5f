#include "actors/identity/identities.hpp"
#include "messages/ec.hpp"
#include "messages/iothub/sas_signature.hpp"
#include "support/deterministic.hpp"
#include "support/temporary_folder.hpp"

#include <caf/send.hpp>
#include <catch2/catch.hpp>

using namespace tidegate;

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
};

struct fixture : deterministic {
  temporary_folder folder;
  std::vector<identity_id> disconnected;
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
        [](get_clients) { return std::vector<client_info>{}; },
        [](const is_connected&) { return false; },
      };
    });
  }

  identities_actor make_subject() {
    database_options options;
    options.path = folder.path() / "store";
    identities_context context;
    context.store = std::make_shared<identity_store>(*database::open(options));
    context.clients = clients;
    context.meters = std::make_shared<metrics>(registry, prometheus::Labels{});
    context.hosts = {"hub.local"};
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
    SECTION("a new key is learnt from the parent at once") {
      auto renewed = connect("leaf", key_two);
      CHECK(parent->asked.size() == 2);
      parent_answers({{device("leaf", key_two)}, {}, {}});
      CHECK(accepted(std::move(renewed)));
      CHECK(disconnected == std::vector<identity_id>{{"leaf", ""}});
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
