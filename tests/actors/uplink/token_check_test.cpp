#include "actors/uplink/token_check.hpp"

#include "actors/uplink/uplink_fixture.hpp"

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

constexpr auto hub = "tidehub.azure-devices.net";

/// A hub that is asked to check tokens, with a real session of its own for
/// each check.
struct checks : uplink_tests::uplink_fixture {
  std::vector<token_verdict> verdicts;
  caf::actor asker = spawn_asker();
  std::shared_ptr<token_checker> checker = make_token_checker(
    sys, {network, {"parent.local", 5671, true}, "edge-1", hub});

  ~checks() { caf::anon_send_exit(asker, caf::exit_reason::user_shutdown); }

  caf::actor spawn_asker() {
    return sys.spawn([this](caf::event_based_actor*) -> caf::behavior {
      return {[this](const token_verdict& news) { verdicts.push_back(news); }};
    });
  }

  std::string token(const std::string& id, std::chrono::seconds left = 1h) {
    return *mint_sas_token(hub, parse_identity_id(id), base64_encode("key"),
                           std::chrono::floor<std::chrono::seconds>(now)
                             + left);
  }

  /// What came of a check.
  caf::error check(const std::string& id, const std::string& shown) {
    verdicts.clear();
    checker->check(parse_identity_id(id), shown, asker);
    run();
    if (verdicts.empty())
      pass(20s);
    REQUIRE(verdicts.size() == 1);
    CHECK(to_string(verdicts[0].id) == id);
    CHECK(verdicts[0].token == shown);
    if (near)
      CHECK(near->is_closed);
    return verdicts[0].why;
  }
};

} // namespace

TEST_CASE_METHOD(checks, "the hub says whether a token is good",
                 "[own_tokens]") {
  const auto* const id = GENERATE("leaf", "leaf/pump", "l,eaf#1");
  good_tokens = {token(id)};
  CHECK_FALSE(check(id, token(id)));
  CHECK(questions.back().id == parse_identity_id(id));
  CHECK(questions.back().auth_chain.empty());
  SECTION("and what is wrong with another") {
    CHECK(check(id, token(id, 2h)) == ec::unauthorized);
    CHECK(check(id, token(id, -1h)) == ec::unauthorized);
    CHECK(check(id, "no token") == ec::unauthorized);
    CHECK(check(id, token("other")) == ec::unauthorized);
  }
  SECTION("of somebody it does not know") {
    unknown_ids.insert(parse_identity_id(id));
    CHECK(check(id, token(id)) == ec::unauthorized);
  }
  // Whoever was let in for a check does not stay.
  run();
  CHECK_FALSE(*ask<bool>(clients, is_connected{parse_identity_id(id)}));
}

TEST_CASE_METHOD(checks, "a hub that does not answer decides nothing",
                 "[own_tokens]") {
  good_tokens = {token("leaf")};
  SECTION("because nobody is there") { cable_cut = true; }
  SECTION("because it is silent") { parent_silent = true; }
  SECTION("because it cannot tell now") { authenticator_offline = true; }
  CHECK(check("leaf", token("leaf")) == ec::unavailable);
}

TEST_CASE_METHOD(checks, "a check ends with whoever asked for it",
                 "[own_tokens]") {
  parent_silent = true;
  checker->check({"leaf", {}}, token("leaf"), asker);
  run();
  caf::anon_send_exit(asker, caf::exit_reason::kill);
  run();
  CHECK(near->is_closed);
}
