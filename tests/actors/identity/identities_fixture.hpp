#pragma once

#include "actors/identity/identities.hpp"
#include "messages/ec.hpp"
#include "messages/iothub/sas_signature.hpp"
#include "support/deterministic.hpp"
#include "support/temporary_folder.hpp"

#include <caf/send.hpp>
#include <catch2/catch.hpp>

namespace tidegate {

inline const std::string key_one
  = "dGlkZWdhdGUtcHJpbWFyeS1rZXktMDEyMzQ1Njc4OSE=";
inline const std::string key_two
  = "dGlkZWdhdGUtc2Vjb25kLWtleS05ODc2NTQzMjEwISE=";
inline constexpr std::chrono::sys_seconds later{
  std::chrono::seconds{4'102'444'800}};

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
  std::size_t answered = 0; ///< of those that were asked
  int read = 0;
};

/// The identities of the edge device `edge`, with that parent and clients that
/// are only noted.
struct identities_fixture : deterministic {
  temporary_folder folder;
  std::vector<identity_id> disconnected;
  std::vector<identity_id> verified;
  std::shared_ptr<noting_parent> parent = std::make_shared<noting_parent>();
  sas_time now{std::chrono::seconds{1'767'225'600}};
  client_registry_actor clients = make_clients();
  std::shared_ptr<prometheus::Registry> registry
    = std::make_shared<prometheus::Registry>();
  database_ptr db;
  std::shared_ptr<identity_store> store;
  identities_actor subject = make_subject();

  ~identities_fixture() {
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

  /// `complete` has the last word on what it is given.
  identities_actor
  make_subject(const std::function<void(identities_context&)>& complete = {}) {
    database_options options;
    options.path = folder.path() / "store";
    identities_context context;
    if (!store) {
      db = *database::open(options);
      store = std::make_shared<identity_store>(
        db, std::make_shared<const seal>(std::string(32, 'k')));
    }
    context.store = store;
    context.clients = clients;
    context.meters = std::make_shared<metrics>(registry, prometheus::Labels{});
    context.hosts = {"hub.local"};
    context.device = "edge";
    context.scope = parent;
    context.now = [this] { return now; };
    if (complete)
      complete(context);
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

  /// Answers the oldest question that has no answer.
  void parent_answers(scope_answer answer) {
    if (parent->answered < parent->asked.size())
      answer.asked = parent->asked[parent->answered++];
    caf::anon_send(caf::actor_cast<caf::actor>(subject), std::move(answer));
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

} // namespace tidegate
