#include "impersonation_fixture.hpp"

#include "actors/identity/identities.hpp"
#include "support/temporary_folder.hpp"

using namespace impersonation;

namespace {

const attempt attempts[]{
  {"another identity's token", "guest", "other", "other"},
  {"a token signed with another's key", "guest", "guest", "other"},
  {"a token for another host", "guest", "guest", "guest", "", "elsewhere.net"},
  {"a token that has expired", "guest", "guest", "guest", "", hub, before},
  {"nothing at all", "guest", "", ""},
  {"a device's name that begins alike", "guest", "guest-2", "guest-2"},
  {"somebody whom the hub does not know", "nobody", "nobody", "nobody"},
  {"a module with its device's key", "guest/m", "guest/m", "guest"},
  {"a device with its module's token", "guest", "guest/m", "guest/m"},
  {"another as an edge device", "guest", "other/$edgeHub", "other/$edgeHub",
   "guest;other"},
  {"itself as an edge device", "guest", "guest", "guest", "guest;guest"},
  {"somebody in scope with a wrong token", "leaf", "leaf", "other"},
};

/// The hub above: of `leaf` it says that it is in scope; of `guest`, `other`
/// and their modules it checks the tokens.
struct hub_above : scope_source, token_checker {
  bool away = false;
  std::map<std::string, identity> in_scope;

  void fetch(const identity_id& id, caf::actor who) override {
    scope_answer answer;
    answer.asked = id;
    const auto found = in_scope.find(to_string(id));
    if (away)
      answer.error = caf::make_error(ec::unavailable, "no route");
    else if (found != in_scope.end())
      answer.found.push_back(found->second);
    else
      answer.missing.push_back(id);
    caf::anon_send(who, std::move(answer));
  }
  void fetch_all(caf::actor) override {}
  void await_news(const std::string&, caf::actor) override {}

  void check(const identity_id& id, const std::string& token,
             caf::actor who) override {
    token_verdict verdict{id, token, {}};
    std::string_view why;
    const auto parsed = parse_sas_token(token, why);
    if (away)
      verdict.why = caf::make_error(ec::unavailable, "no route");
    else if (id.device == "nobody" || !parsed
             || !signed_with(*parsed, key_of(to_string(id))))
      verdict.why = caf::make_error(ec::unauthorized, "wrong");
    caf::anon_send(who, std::move(verdict));
  }
};

/// A gateway that takes clients which only the hub above knows.
struct fixture : world {
  temporary_folder folder;
  std::shared_ptr<hub_above> above = std::make_shared<hub_above>();
  identities_actor subject = start();

  fixture() {
    above->in_scope["leaf"] = known["leaf"];
    caf::anon_send_exit(judging, caf::exit_reason::user_shutdown);
    judging = subject;
  }

  identities_actor start() {
    database_options options;
    options.path = folder.path() / "store";
    const auto database = *database::open(options);
    const auto key = std::make_shared<const seal>(std::string(32, 'k'));
    identities_context made;
    made.store = std::make_shared<identity_store>(database, key);
    made.tokens = *own_tokens::open(database, key);
    made.mode = authentication_mode::cloud_and_scope;
    made.scope = above;
    made.clients = clients;
    made.meters = meters;
    made.hosts = {hub};
    made.device = "edge";
    made.now = [] { return sas_time{std::chrono::seconds{1'767'323'045}}; };
    made.checker = above;
    return sys.spawn(identities, std::move(made));
  }

  std::string connect(const attempt& one) { return mqtt(one)->take_written(); }
};

const attempt guest{"", "guest", "guest", "guest"};
const auto welcome = "\x20\x02\0\0"s;
const auto not_authorized = "\x20\x02\0\5"s;
const auto not_now = "\x20\x02\0\3"s;

} // namespace

TEST_CASE_METHOD(fixture,
                 "nobody can pretend over MQTT to be a client that the hub "
                 "lets in",
                 "[impersonation][own_tokens]") {
  for (const auto& one : attempts) {
    INFO(one.what);
    CHECK(connect(one) == not_authorized);
    CHECK_FALSE(speaks(one.as));
  }
  CHECK(connect(guest) == welcome);
  CHECK(connect({"", "guest/m", "guest/m", "guest/m"}) == welcome);
  CHECK(connect(honest) == welcome);
  SECTION("nor while it is connected") {
    for (const auto& one : attempts) {
      INFO(one.what);
      CHECK(connect(one) != welcome);
    }
    CHECK(speaks("guest"));
  }
}

TEST_CASE_METHOD(fixture,
                 "nobody can pretend over AMQP to be a client that the hub "
                 "lets in",
                 "[impersonation][own_tokens]") {
  const auto open_as = [this](const attempt& one) {
    const auto wire = open([this](const auto& w) {
      return sys.spawn(amqp_session, share(judged()), w);
    });
    amqp_client client{*this, wire, anonymous()};
    client.open();
    if (const auto token = token_of(one); !token.empty())
      CHECK(client.put_token(token) == (one.expires == before ? 400 : 200));
    auto* const link = client.attach_sender(address_of(one.as), one.chain);
    return client.is_open(link) ? "open"s : amqp_client::error_of(link);
  };
  for (const auto& one : attempts) {
    INFO(one.what);
    CHECK(open_as(one) == "amqp:not-allowed");
    CHECK_FALSE(speaks(one.as));
  }
  CHECK(open_as(guest) == "open");
}

TEST_CASE_METHOD(fixture, "without the hub only known tokens let clients in",
                 "[impersonation][own_tokens]") {
  above->away = true;
  CHECK(connect(guest) == not_now);
  above->away = false;
  REQUIRE(connect(guest) == welcome);
  above->away = true;
  CHECK(connect(guest) == welcome);
  auto fresh = guest;
  fresh.expires = later + std::chrono::hours{1};
  CHECK(connect(fresh) == not_now);
  auto forged = guest;
  forged.signer = "other";
  CHECK(connect(forged) == not_now);
  forged.audience = "other"; // what can be told here is
  CHECK(connect(forged) == not_authorized);
}
