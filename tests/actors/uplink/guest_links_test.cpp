#include "actors/uplink/gateway_fixture.hpp"

#include "actors/identity/token_checker.hpp"
#include "support/temporary_folder.hpp"

using namespace tidegate;
using namespace uplink_tests;

namespace {

const identity_id guest{"guest", {}};
constexpr auto hub = "tidehub.azure-devices.net";

/// A gateway with a client that speaks for itself to the hub.
struct guests : gateway {
  temporary_folder folder;
  std::shared_ptr<own_tokens> tokens = open_tokens();
  std::vector<own_token_refused> refused;
  caf::actor identities = spawn_identities();

  guests() {
    complete = [this, before = complete](uplink_context& made) {
      before(made);
      made.tokens = tokens;
      made.identities = identities;
    };
    keep(token_until(1h));
  }

  ~guests() {
    caf::anon_send_exit(identities, caf::exit_reason::user_shutdown);
  }

  std::shared_ptr<own_tokens> open_tokens() {
    database_options where;
    where.path = folder.path() / "store";
    return *own_tokens::open(
      *database::open(where),
      std::make_shared<const seal>(std::string(32, 'k')));
  }

  caf::actor spawn_identities() {
    return sys.spawn([this](caf::event_based_actor*) -> caf::behavior {
      return {
        [this](const own_token_refused& news) { refused.push_back(news); }};
    });
  }

  std::string token_until(std::chrono::seconds left) {
    return *mint_sas_token(hub, guest, base64_encode("key"),
                           std::chrono::floor<std::chrono::seconds>(now)
                             + left);
  }

  void keep(const std::string& text) {
    const auto at = std::chrono::floor<std::chrono::seconds>(now);
    REQUIRE_FALSE(
      tokens->put(guest, {text, (at + 1h).time_since_epoch().count()}, 0));
  }

  /// What the hub was last asked about `id`; nothing when it never was.
  std::optional<authenticate> asked(const identity_id& id = guest) {
    const auto found
      = std::find_if(questions.rbegin(), questions.rend(),
                     [&](const authenticate& one) { return one.id == id; });
    return found == questions.rend() ? std::nullopt : std::optional{*found};
  }
};

} // namespace

TEST_CASE_METHOD(guests, "a client that speaks for itself does so at the hub",
                 "[parent_dialog][own_tokens]") {
  start();
  give({{guest, "a"}, {leaf, "b"}, {guest, "c"}});
  CHECK(tally()[delivery_result::done] == 3);
  REQUIRE(asked());
  CHECK(asked()->token == token_until(1h));
  CHECK(asked()->auth_chain.empty());
  CHECK(attempts == 1);
  SECTION("and so does its twin") {
    questions.clear();
    CHECK_FALSE(get_fails(guest));
    CHECK(follow(guest));
    CHECK(asked() == std::nullopt); // admitted on this connection
  }
  SECTION("while others are spoken for by the gateway") {
    CHECK(asked(leaf)->auth_chain == "leaf-9;edge-1");
    CHECK(asked(leaf)->token != token_until(1h));
  }
}

TEST_CASE_METHOD(guests, "a newer token is shown where the old one was",
                 "[parent_dialog][own_tokens]") {
  start();
  give({{guest, "a"}});
  keep(token_until(2h));
  pass(1s);
  at_hub(verify_again{});
  CHECK(asked()->token == token_until(2h));
  give({{guest, "b"}}, 1);
  CHECK(tally()[delivery_result::done] == 2);
  CHECK(attempts == 1);
}

TEST_CASE_METHOD(guests, "the identities hear of a token that the hub refuses",
                 "[parent_dialog][own_tokens]") {
  refused_ids.insert(guest);
  start();
  give({{guest, "a"}, {leaf, "b"}});
  // What it had sent waits for a token that is taken: it is not given up.
  CHECK_FALSE(results().contains(0));
  CHECK(results()[1] == delivery_result::done);
  REQUIRE(refused.size() == 1);
  CHECK(refused[0].id == guest);
  CHECK(refused[0].token == token_until(1h));
  SECTION("also when it is disabled later") {
    refused_ids.clear();
    pass_seconds(3);
    REQUIRE(results()[0] == delivery_result::done);
    refused_ids.insert(guest);
    at_hub(verify_again{});
    CHECK(refused.size() == 2);
  }
}

TEST_CASE_METHOD(guests, "without a token that is good nothing is asked",
                 "[parent_dialog][own_tokens]") {
  start();
  const bool was_refused = GENERATE(true, false);
  if (was_refused)
    keep("");
  else
    now += 1h + 6min; // it has expired
  give({{guest, "a"}, {leaf, "b"}});
  CHECK_FALSE(results().contains(0));
  CHECK(results()[1] == delivery_result::done);
  CHECK(get_fails(guest) == ec::unauthorized);
  want(guest, {true, true, true});
  pass_seconds(10);
  CHECK_FALSE(asked()); // nor does the gateway speak for it
  SECTION("until there is one") {
    const auto later = std::chrono::floor<std::chrono::seconds>(now) + 2h;
    REQUIRE_FALSE(tokens->put(guest,
                              {*mint_sas_token(hub, guest, "a2V5", later),
                               later.time_since_epoch().count()},
                              0));
    CHECK_FALSE(get_fails(guest));
    pass_seconds(60);
    CHECK(results()[0] == delivery_result::done);
    CHECK(cloud->wants[guest].methods);
    CHECK(cloud->wants[guest].c2d);
  }
}

TEST_CASE_METHOD(guests, "links that wait for a token can be closed again",
                 "[parent_dialog][own_tokens]") {
  start();
  parent_silent = true; // it takes nothing that comes from now on
  near->far = nullptr;
  auto twin = self->request(parent(), caf::infinite, fetch_twin{guest});
  give({{guest, "a"}});
  want(guest, {true, true, true});
  pass_seconds(2);
  leave(guest);
  pass_seconds(30);
  caf::error why;
  twin.receive([](const twin_text&) {},
               [&](const caf::error& error) { why = error; });
  CHECK(why);
}
