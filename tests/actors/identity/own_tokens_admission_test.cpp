#include "identities_fixture.hpp"

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

/// A parent that notes which tokens it is to check.
struct noting_checker : token_checker {
  std::vector<std::string> asked;
  caf::actor who;

  void check(const identity_id&, const std::string& token,
             caf::actor asker) override {
    asked.push_back(token);
    who = std::move(asker);
  }
};

/// A gateway that has its parent check the tokens of those not in its scope.
struct fixture : identities_fixture {
  std::shared_ptr<noting_checker> checker = std::make_shared<noting_checker>();
  database_ptr database = open_database();
  std::shared_ptr<own_tokens> tokens
    = *own_tokens::open(database, std::make_shared<const seal>(key()));

  fixture() { start(authentication_mode::cloud_and_scope); }
  ~fixture() { checker->who = nullptr; }

  static std::string key() { return std::string(32, 'k'); }

  database_ptr open_database() {
    database_options options;
    options.path = folder.path() / "tokens";
    return *database::open(options);
  }

  void start(authentication_mode mode) {
    caf::anon_send_exit(subject, caf::exit_reason::user_shutdown);
    run();
    mode_ = mode;
    subject = make_subject([&](identities_context& made) {
      made.mode = mode;
      made.checker = checker;
      made.tokens = tokens;
    });
  }

  /// The gateway starts again; what it learnt is on disk.
  void restart() {
    tokens = *own_tokens::open(database, std::make_shared<const seal>(key()));
    start(mode_);
  }

  std::string token(const std::string& id, const std::string& key = key_one,
                    sas_time expires = later) {
    return *mint_sas_token("hub.local", parse_identity_id(id), key,
                           std::chrono::floor<std::chrono::seconds>(expires));
  }

  auto show(const std::string& id, const std::string& shown,
            bool again = false) {
    auto pending = self->request(
      subject, caf::infinite,
      authenticate{parse_identity_id(id), shown, {}, {}, again});
    run();
    return pending;
  }

  /// What the scope says of somebody: not there, or nothing at all.
  void not_in_scope(const std::string& id) {
    parent_answers({{}, {parse_identity_id(id)}, {}});
  }
  void unreachable() {
    parent_answers({{}, {}, caf::make_error(ec::unavailable, "no route")});
  }

  void checked(const std::string& id, const std::string& shown,
               caf::error why = {}) {
    caf::anon_send(subject,
                   token_verdict{parse_identity_id(id), shown, std::move(why)});
    run();
  }

  template <class Pending>
  caf::error refusal(Pending pending) {
    caf::error why;
    pending.receive([](const authenticated&) {},
                    [&](const caf::error& error) { why = error; });
    return why;
  }

  /// `guest` was let in by that token once.
  void learn(const std::string& shown) {
    auto pending = show("guest", shown);
    not_in_scope("guest");
    checked("guest", shown);
    REQUIRE(accepted(std::move(pending)));
  }

  void reach(bool reachable) {
    caf::anon_send(subject, uplink_changed{reachable});
    run();
  }

private:
  authentication_mode mode_{};
};

} // namespace

TEST_CASE_METHOD(fixture,
                 "a client that is not in scope comes in by a token that the "
                 "parent takes",
                 "[identities][own_tokens]") {
  const auto shown = token("guest");
  auto pending = show("guest", shown);
  CHECK(parent->asked.size() == 1);
  CHECK(checker->asked.empty()); // the scope comes first
  not_in_scope("guest");
  CHECK(checker->asked == std::vector<std::string>{shown});
  SECTION("when the parent takes it") {
    checked("guest", shown);
    CHECK(accepted(std::move(pending)));
    CHECK(tokens->find({"guest", {}})->text == shown);
  }
  SECTION("not when the parent refuses it") {
    checked("guest", shown, caf::make_error(ec::unauthorized, "wrong"));
    CHECK(refusal(std::move(pending)) == ec::unauthorized);
    CHECK_FALSE(tokens->find({"guest", {}}));
    CHECK(refused("unknown") == 1);
  }
  SECTION("not while the parent cannot be asked; it may try again") {
    checked("guest", shown, caf::make_error(ec::unavailable, "no route"));
    CHECK(refusal(std::move(pending)) == ec::unavailable);
  }
}

TEST_CASE_METHOD(fixture, "who is known in scope is judged by it alone",
                 "[identities][own_tokens]") {
  auto pending = show("leaf", token("leaf", key_two));
  parent_answers({{device("leaf")}, {}, {}});
  CHECK(refusal(std::move(pending)) == ec::unauthorized);
  CHECK(checker->asked.empty());
  CHECK(accepted(show("leaf", token("leaf"))));
  CHECK(checker->asked.empty());
}

TEST_CASE_METHOD(fixture, "without that mode the parent checks no token",
                 "[identities][own_tokens]") {
  start(authentication_mode::scope);
  auto pending = show("guest", token("guest"));
  not_in_scope("guest");
  CHECK(refusal(std::move(pending)) == ec::unauthorized);
  CHECK(checker->asked.empty());
}

TEST_CASE_METHOD(fixture, "what cannot be right is not asked about",
                 "[identities][own_tokens]") {
  const auto [what, wish] = GENERATE_COPY(table<std::string, authenticate>(
    {{"another's token", {{"guest", {}}, token("other"), {}}},
     {"a module's token", {{"guest", {}}, token("guest/m"), {}}},
     {"an expired one",
      {{"guest", {}}, token("guest", key_one, now - 10min), {}}},
     {"no token", {{"guest", {}}, "guest", {}}},
     {"a chain", {{"guest", {}}, token("guest"), "guest;edge"}},
     {"no credentials", {{"guest", {}}, "", {}}}}));
  INFO(what);
  auto pending = self->request(subject, caf::infinite, wish);
  run();
  if (!parent->asked.empty())
    not_in_scope("guest");
  CHECK(refusal(std::move(pending)) == ec::unauthorized);
  CHECK(checker->asked.empty());
}

TEST_CASE_METHOD(fixture, "a token that the parent took decides from then on",
                 "[identities][own_tokens]") {
  const auto shown = token("guest", key_one, now + 1h);
  learn(shown);
  const auto questions = parent->asked.size();
  const auto checks = checker->asked.size();
  SECTION("without asking anybody") { CHECK(accepted(show("guest", shown))); }
  SECTION("also after a restart") {
    restart();
    CHECK(accepted(show("guest", shown)));
  }
  SECTION("until it has expired") {
    now += 1h + 6min;
    CHECK(refusal(show("guest", shown, true)) == ec::unauthorized);
  }
  CHECK(parent->asked.size() == questions);
  CHECK(checker->asked.size() == checks);
}

TEST_CASE_METHOD(fixture, "a token never seen is nothing without the parent",
                 "[identities][own_tokens]") {
  learn(token("guest"));
  // Right or wrong: nobody here can tell.
  for (const auto& shown :
       {token("guest", key_one, now + 2h), token("guest", key_two)}) {
    auto pending = show("guest", shown);
    unreachable();
    checked("guest", shown, caf::make_error(ec::unavailable, "no route"));
    CHECK(refusal(std::move(pending)) == ec::unavailable);
  }
  CHECK(tokens->find({"guest", {}})->text == token("guest"));
  CHECK(accepted(show("guest", token("guest"))));
}

TEST_CASE_METHOD(fixture, "a wrong token does not displace a right one",
                 "[identities][own_tokens]") {
  learn(token("guest"));
  const auto wrong = token("guest", key_two);
  auto pending = show("guest", wrong);
  not_in_scope("guest");
  checked("guest", wrong, caf::make_error(ec::unauthorized, "wrong"));
  CHECK(refusal(std::move(pending)) == ec::unauthorized);
  CHECK(tokens->find({"guest", {}})->text == token("guest"));
  CHECK(disconnected.empty());
}

TEST_CASE_METHOD(fixture, "a renewed token is checked while connected",
                 "[identities][own_tokens]") {
  learn(token("guest", key_one, now + 1h));
  const auto renewed = token("guest", key_one, now + 2h);
  auto pending = show("guest", renewed, true);
  CHECK(checker->asked.back() == renewed);
  checked("guest", renewed);
  CHECK(accepted(std::move(pending)));
  CHECK(tokens->find({"guest", {}})->text == renewed);
}

TEST_CASE_METHOD(fixture, "a client is to come again before its token ends",
                 "[identities][own_tokens]") {
  const auto shown = token("guest", key_one, now + 1h);
  learn(shown);
  now += 56min;
  SECTION("while the parent is there to check the next one") {
    reach(true);
    CHECK(refusal(show("guest", shown, true)) == ec::unauthorized);
    CHECK(accepted(show("guest", shown))); // not when it only just comes
  }
  SECTION("but not when nobody could") {
    reach(true);
    reach(false);
    CHECK(accepted(show("guest", shown, true)));
  }
}

TEST_CASE_METHOD(fixture, "a client whose token the parent refuses is let go",
                 "[identities][own_tokens]") {
  const auto shown = token("guest");
  learn(shown);
  SECTION("when it is the one at hand") {
    caf::anon_send(subject, own_token_refused{{"guest", {}}, shown});
    run();
    CHECK(disconnected == std::vector<identity_id>{{"guest", {}}});
    // It is still known as one that speaks for itself.
    CHECK(tokens->find({"guest", {}})->text.empty());
    auto pending = show("guest", shown);
    not_in_scope("guest");
    CHECK(checker->asked.size() == 2);
    checked("guest", shown, caf::make_error(ec::unauthorized, "disabled"));
    CHECK(refusal(std::move(pending)) == ec::unauthorized);
  }
  SECTION("not when it has a newer one by now") {
    caf::anon_send(subject, own_token_refused{{"guest", {}}, "older"});
    run();
    CHECK(disconnected.empty());
  }
}

TEST_CASE_METHOD(fixture, "who comes into scope needs no token of its own",
                 "[identities][own_tokens]") {
  learn(token("guest"));
  parent_answers({{device("guest", key_two)}, {}, {}});
  CHECK_FALSE(tokens->find({"guest", {}}));
  CHECK(accepted(show("guest", token("guest", key_two))));
}

TEST_CASE_METHOD(fixture, "a parent that checks all tokens is asked about all",
                 "[identities][own_tokens]") {
  start(authentication_mode::cloud);
  parent_answers({{device("leaf")}, {}, {}});
  const auto shown = token("leaf");
  auto pending = show("leaf", shown);
  CHECK(parent->asked.empty());
  CHECK(checker->asked == std::vector<std::string>{shown});
  checked("leaf", shown);
  CHECK(accepted(std::move(pending)));
  CHECK(accepted(show("leaf", shown)));
}

TEST_CASE_METHOD(fixture, "strangers cannot flood the parent",
                 "[identities][own_tokens]") {
  start(authentication_mode::cloud);
  using checks = token_checks<identities_state::waiting_client>;
  for (unsigned i = 0; i < 20; ++i)
    caf::anon_send(subject,
                   authenticate{{"guest", {}},
                                token("guest", key_two, now + i * 1h + 1h),
                                {}});
  for (unsigned i = 0; i < 20; ++i)
    caf::anon_send(subject, authenticate{{"g" + std::to_string(i), {}},
                                         token("g" + std::to_string(i)),
                                         {}});
  run();
  CHECK(checker->asked.size() == checks::most_strange_at_once);
}
