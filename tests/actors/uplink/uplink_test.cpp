#include "actors/uplink/uplink.hpp"

#include "actors/clients/amqp_session.hpp"
#include "actors/uplink/parent_session.hpp"
#include "messages/iothub/base64.hpp"
#include "messages/iothub/sas_signature.hpp"
#include "messages/iothub/sas_token.hpp"
#include "support/memory_transport.hpp"
#include "support/session_node.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

/// A gateway's uplink and its parent in one process: the parent is a real
/// session of a hub whose store is in memory.
struct fixture : session_node {
  struct memory_network : connector {
    fixture* world = nullptr;
    void connect(const parent_endpoint&, caf::actor session) override {
      world->connect(std::move(session));
    }
  };

  std::shared_ptr<memory_network> network = std::make_shared<memory_network>();
  bool cable_cut = false;
  bool parent_silent = false; ///< takes connections, says nothing
  unsigned attempts = 0;
  std::shared_ptr<memory_transport> near; ///< of the latest connection
  std::shared_ptr<memory_transport> far;
  std::vector<delivered> answers;
  caf::actor route = spawn_route();
  caf::actor watcher = spawn_watcher();
  std::vector<bool> changes;
  uplink_options options;
  uplink_actor subject;

  fixture() { network->world = this; }

  ~fixture() {
    caf::anon_send_exit(subject, caf::exit_reason::user_shutdown);
    for (const auto& handle : {route, watcher})
      caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
    cut();
    run();
  }

  caf::actor spawn_route() {
    return sys.spawn([this](caf::event_based_actor*) -> caf::behavior {
      return {[this](const delivered& news) { answers.push_back(news); }};
    });
  }

  caf::actor spawn_watcher() {
    return sys.spawn([this](caf::event_based_actor*) -> caf::behavior {
      return {[this](const uplink_changed& news) {
        changes.push_back(news.reachable);
      }};
    });
  }

  void connect(caf::actor session) {
    ++attempts;
    if (cable_cut)
      return caf::anon_send(session, closed{"no route to host"});
    near = std::make_shared<memory_transport>();
    far = std::make_shared<memory_transport>();
    near->near = session;
    if (!parent_silent) {
      far->near = sys.spawn(amqp_session, share(context()), far);
      near->far = far->near;
      far->far = session;
    }
    caf::anon_send(session, connected{near});
  }

  void cut() {
    if (near) {
      near->end("cable cut");
      far->end("cable cut");
      near->near = near->far = nullptr;
      far->near = far->far = nullptr;
    }
  }

  void start() {
    uplink_context made;
    made.router = router;
    made.network = network;
    made.parent = {"parent.local", 5671, true};
    made.device = "edge-1";
    made.hub_host = "tidehub.azure-devices.net";
    made.sign = [](std::string_view data) -> std::optional<std::string> {
      return base64_encode(hmac_sha256("key", data));
    };
    made.now = [this] { return now; };
    made.options = options;
    any_token_is_good = true;
    uplink_parent parent;
    parent.name = "parent.local:5671";
    parent.device = made.device;
    parent.start = [made](caf::actor_system& in, const caf::actor& up) {
      return in.spawn(parent_session, made, up);
    };
    parent.meters = meters;
    subject = sys.spawn(uplink, parent);
    caf::anon_send(subject, watch_uplink{watcher});
    run();
  }

  /// Gives payloads of senders to the uplink, as a route would.
  void give(const std::vector<std::pair<identity_id, std::string>>& messages,
            std::uint64_t first = 0) {
    block_builder builder{now};
    std::map<identity_id, head_ptr> heads;
    for (const auto& [sender, payload] : messages) {
      auto& head = heads[sender];
      if (!head) {
        auto made = std::make_shared<message_head>();
        made->sender = sender;
        made->user = {{"k", "v"}};
        head = made;
      }
      builder.add(head, payload);
    }
    give({first, builder.finish()});
  }

  void give(const stored_block& block) {
    REQUIRE_FALSE(ready.empty());
    caf::anon_send(
      ready.back().target,
      deliver{
        route, {}, {{lane_id{9}, block, 0, block.data->size()}}, "iothub"});
    run();
  }

  std::map<std::uint64_t, delivery_result> results() const {
    std::map<std::uint64_t, delivery_result> all;
    for (const auto& news : answers)
      for (const auto& range : news.ranges)
        for (std::uint32_t i = 0; i < range.count; ++i)
          all[range.first + i] = range.result;
    return all;
  }

  std::map<delivery_result, std::size_t> tally() const {
    std::map<delivery_result, std::size_t> all;
    for (const auto& [offset, result] : results())
      ++all[result];
    return all;
  }

  uplink_status status() {
    return *ask<uplink_status>(subject, get_uplink_status{});
  }
};

using texts = std::vector<std::string>;
using tallied = std::map<delivery_result, std::size_t>;

const identity_id leaf{"leaf-9", {}};
const identity_id pump{"edge-1", "pump"};

} // namespace

TEST_CASE_METHOD(fixture,
                 "the uplink shows the edge hub's token, then takes "
                 "what goes to the hub",
                 "[uplink]") {
  start();
  REQUIRE(ready.size() == 1);
  CHECK(ready[0].sink_prefix == "iothub");
  CHECK(ready[0].window == options.window);
  CHECK(status().state == connectivity::state::connected);
  CHECK(changes.back());
  give({{leaf, "hello"}});
  CHECK(stored() == texts{"hello"});
  CHECK(tally() == tallied{{delivery_result::done, 1}});
  std::string_view why;
  const auto token = parse_sas_token(questions.back().token, why);
  REQUIRE(token);
  CHECK(parse_sas_audience(token->resource)->id
        == identity_id{"edge-1", "$edgeHub"});
  CHECK(signed_with(*token, base64_encode("key")));
}

TEST_CASE_METHOD(fixture, "every message arrives in its sender's name",
                 "[uplink]") {
  start();
  give({{leaf, "1"}, {pump, "2"}, {leaf, "3"}, {pump, "4"}});
  CHECK(tally() == tallied{{delivery_result::done, 4}});
  std::map<identity_id, texts> by_sender;
  for (const auto& block : memory.lanes[1].blocks)
    for (std::uint32_t i = 0; i < block.data->size(); ++i)
      by_sender[block.data->head(i)->sender].emplace_back(
        block.data->payload(i));
  CHECK(
    by_sender
    == std::map<identity_id, texts>{{leaf, {"1", "3"}}, {pump, {"2", "4"}}});
  std::set<std::string> chains;
  for (const auto& question : questions)
    chains.insert(question.auth_chain);
  CHECK(chains
        == std::set<std::string>{"edge-1/$edgeHub;edge-1", "leaf-9;edge-1",
                                 "edge-1/pump;edge-1"});
}

TEST_CASE_METHOD(fixture, "a backlog goes up in batches, in order",
                 "[uplink]") {
  start();
  std::vector<std::pair<identity_id, std::string>> messages;
  texts expected;
  for (int i = 0; i < 5000; ++i) {
    expected.push_back(std::to_string(i));
    messages.emplace_back(leaf, expected.back());
  }
  give(messages);
  CHECK(stored() == expected);
  CHECK(tally() == tallied{{delivery_result::done, 5000}});
  CHECK(memory.lanes[1].blocks.size() < 100);
}

TEST_CASE_METHOD(fixture, "one bad message in a batch costs only itself",
                 "[uplink]") {
  start();
  give({{leaf, "1"}, {leaf, std::string(262'200, 'x')}, {leaf, "3"}});
  CHECK(stored() == texts{"1", "3"});
  CHECK(
    results()
    == std::map<std::uint64_t, delivery_result>{{0, delivery_result::done},
                                                {1, delivery_result::poison},
                                                {2, delivery_result::done}});
}

TEST_CASE_METHOD(fixture,
                 "what a throttled parent refuses comes again, and "
                 "nothing overtakes it",
                 "[uplink]") {
  start();
  memory.failing = ec::store_full;
  give({{leaf, "1"}, {leaf, "2"}});
  CHECK(tally() == tallied{{delivery_result::retry, 2}});
  memory.failing = {};
  give({{leaf, "3"}}, 2); // had left the route before it knew
  CHECK(tally() == tallied{{delivery_result::retry, 3}});
  CHECK(stored().empty());
  give({{leaf, "1"}, {leaf, "2"}, {leaf, "3"}});
  CHECK(tally() == tallied{{delivery_result::done, 3}});
  CHECK(stored() == texts{"1", "2", "3"});
}

TEST_CASE_METHOD(fixture, "a sender that the parent refuses is tried again",
                 "[uplink]") {
  start();
  refused_ids.insert(leaf);
  give({{leaf, "1"}});
  CHECK(tally() == tallied{{delivery_result::retry, 1}});
  refused_ids.clear();
  give({{leaf, "1"}});
  CHECK(tally() == tallied{{delivery_result::done, 1}});
}

TEST_CASE_METHOD(fixture,
                 "messages of a sender that the parent does not know "
                 "are given up when it says so twice",
                 "[uplink]") {
  start();
  unknown_ids.insert(leaf);
  give({{leaf, "1"}, {pump, "2"}});
  CHECK(tally()
        == tallied{{delivery_result::retry, 1}, {delivery_result::done, 1}});
  give({{leaf, "1"}});
  CHECK(results().at(0) == delivery_result::poison);
}

TEST_CASE_METHOD(fixture,
                 "a parent that does not take this node for what it "
                 "is says so",
                 "[uplink]") {
  refused_ids.insert({"edge-1", "$edgeHub"});
  start();
  CHECK(ready.empty());
  CHECK(status().last_failure
        == "the parent refused this node: amqp:not-allowed");
}

TEST_CASE_METHOD(fixture,
                 "a lost connection is rebuilt at once when it was "
                 "good, and what was in flight comes again",
                 "[uplink]") {
  start();
  pass(31s);
  const auto session = ready.back().target;
  cut();
  run();
  CHECK(gone.back().target == session);
  CHECK(status().state == connectivity::state::trying);
  pass(1ms);
  CHECK(ready.size() == 2);
  CHECK(status().state == connectivity::state::connected);
  CHECK(changes == std::vector<bool>{false, true});
}

TEST_CASE_METHOD(fixture,
                 "a parent out of reach is tried for ever, ever more "
                 "rarely",
                 "[uplink]") {
  cable_cut = true;
  start();
  CHECK(attempts == 1);
  pass(1s);
  const auto soon = attempts;
  CHECK(soon >= 2);
  for (int i = 0; i < 1000; ++i)
    pass(1s);
  CHECK(attempts - soon >= 1000 / 60);
  CHECK(attempts - soon < 100);
  CHECK(status().last_failure == "no route to host");
  cable_cut = false;
  pass(60s);
  CHECK(status().state == connectivity::state::connected);
}

TEST_CASE_METHOD(fixture, "a parent that accepts and says nothing is left",
                 "[uplink]") {
  parent_silent = true;
  start();
  pass(60s);
  CHECK(status().last_failure == "the parent did not answer in time");
}

TEST_CASE_METHOD(fixture, "a connection without progress is rebuilt",
                 "[uplink]") {
  start();
  near->far = nullptr; // the parent hears nothing any more
  give({{leaf, "1"}});
  for (int i = 0; i < 19; ++i)
    pass(1s);
  CHECK(gone.empty());
  for (int i = 0; i < 3; ++i)
    pass(1s);
  CHECK(gone.size() == 1);
  CHECK(status().last_failure
        == "the parent has acknowledged nothing for 20000 ms");
}

TEST_CASE_METHOD(fixture, "the token is renewed on the live connection",
                 "[uplink]") {
  start();
  for (int i = 0; i < 51; ++i) {
    now += 1min;
    pass(1min);
  }
  CHECK(ready.size() == 1);
  CHECK(gone.empty());
  give({{leaf, "1"}});
  CHECK(tally() == tallied{{delivery_result::done, 1}});
  std::string_view why;
  CHECK(parse_sas_token(questions.back().token, why)->expires
        == std::chrono::floor<std::chrono::seconds>(now) - 1min + 1h);
}

TEST_CASE_METHOD(fixture, "links are bounded and the one used least goes",
                 "[uplink]") {
  options.most_links = 3;
  start();
  for (int i = 0; i < 6; ++i) {
    give({{{"leaf-" + std::to_string(i), {}}, std::to_string(i)}},
         static_cast<std::uint64_t>(i));
    pass(1s);
  }
  CHECK(tally() == tallied{{delivery_result::done, 6}});
  CHECK(ask<std::vector<client_info>>(clients, get_clients{})->size() == 3);
}

TEST_CASE_METHOD(fixture, "idle links are closed, all but this node's own",
                 "[uplink]") {
  options.idle_timeout = 10s;
  start();
  give({{leaf, "1"}, {pump, "2"}});
  for (int i = 0; i < 15; ++i)
    pass(1s);
  CHECK(ask<std::vector<client_info>>(clients, get_clients{})->size() == 1);
  CHECK(gone.empty());
}

TEST_CASE_METHOD(fixture,
                 "a paused uplink closes its connection and stays away",
                 "[uplink]") {
  start();
  const auto session = ready.back().target;
  give({{leaf, "1"}});
  CHECK(ask<uplink_status>(subject, pause_uplink{})->paused);
  run();
  REQUIRE(gone.size() == 1);
  CHECK(gone.back().target == session);
  CHECK(near->is_closed);
  CHECK(changes.back() == false);
  for (int i = 0; i < 100; ++i)
    pass(10s);
  CHECK(attempts == 1);
  CHECK(status().state == connectivity::state::disconnected);
  CHECK(status().last_failure == "paused by the operator");

  SECTION("until it is resumed, which connects at once") {
    CHECK_FALSE(ask<uplink_status>(subject, resume_uplink{})->paused);
    run();
    CHECK(attempts == 2);
    CHECK(status().state == connectivity::state::connected);
    give({{leaf, "2"}}, 1);
    CHECK(stored() == texts{"1", "2"});
  }
  SECTION("and a second pause or resume changes nothing") {
    ask<uplink_status>(subject, pause_uplink{});
    ask<uplink_status>(subject, resume_uplink{});
    ask<uplink_status>(subject, resume_uplink{});
    run();
    CHECK(attempts == 2);
    CHECK(ready.size() == 2);
  }
}

TEST_CASE_METHOD(fixture, "an uplink is paused while it waits for its next try",
                 "[uplink]") {
  cable_cut = true;
  start();
  ask<uplink_status>(subject, pause_uplink{});
  cable_cut = false;
  for (int i = 0; i < 100; ++i)
    pass(10s);
  CHECK(attempts == 1);
  ask<uplink_status>(subject, resume_uplink{});
  run();
  CHECK(status().state == connectivity::state::connected);
}
