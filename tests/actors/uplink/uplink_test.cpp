#include "actors/uplink/uplink_fixture.hpp"

#include "messages/iothub/sas_token.hpp"

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

using fixture = uplink_tests::uplink_fixture;
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

TEST_CASE_METHOD(fixture,
                 "a sender that the parent refuses is tried again, in order, "
                 "and others go on meanwhile",
                 "[uplink]") {
  start();
  refused_ids.insert(leaf);
  give({{leaf, "1"}, {pump, "2"}});
  CHECK(
    results()
    == std::map<std::uint64_t, delivery_result>{{1, delivery_result::done}});
  give({{leaf, "3"}, {pump, "4"}}, 2);
  CHECK(stored() == texts{"2", "4"});
  pass(1s);
  CHECK(waiting() == 1);
  SECTION("until the parent takes it") {
    refused_ids.clear();
    pass(2s);
    CHECK(stored() == texts{"2", "4", "1", "3"});
    CHECK(tally() == tallied{{delivery_result::done, 4}});
    pass(1s);
    CHECK(waiting() == 0);
  }
  SECTION("for half a minute: then the route has it back") {
    for (int i = 0; i < 61; ++i)
      pass(1s);
    CHECK(ready.size() == 1); // the connection is not to blame
    CHECK(tally()
          == tallied{{delivery_result::retry, 2}, {delivery_result::done, 2}});
    give({{leaf, "1"}, {pump, "2"}, {leaf, "3"}});
    refused_ids.clear();
    for (int i = 0; i < 61; ++i)
      pass(1s);
    CHECK(stored() == texts{"2", "4", "2", "1", "3"});
  }
}

TEST_CASE_METHOD(fixture,
                 "what the parent refuses takes no place of others in the "
                 "window",
                 "[uplink]") {
  start();
  refused_ids.insert(leaf);
  const std::vector<std::pair<identity_id, std::string>> messages(50,
                                                                  {leaf, "x"});
  give(messages);
  give({{leaf, "x"}}, 50);
  CHECK(kept == 51);
  CHECK(tally().empty());
  SECTION("until the parent takes it") {
    refused_ids.clear();
    for (int i = 0; i < 3; ++i)
      pass(1s);
    CHECK(kept == 0);
    CHECK(tally() == tallied{{delivery_result::done, 51}});
  }
  SECTION("or the route has it back, and it is tried again all the same") {
    for (int i = 0; i < 61; ++i)
      pass(1s);
    CHECK(kept == 0);
    CHECK(tally() == tallied{{delivery_result::retry, 51}});
    refused_ids.clear();
    give(messages);
    for (int i = 0; i < 61; ++i)
      pass(1s);
    CHECK(kept == 0);
    CHECK(tally()[delivery_result::done] == 50);
  }
}

TEST_CASE_METHOD(fixture,
                 "a parent that has no room for more links is given those of "
                 "senders in turn",
                 "[uplink]") {
  start();
  refusal = ec::refused;
  const auto links
    = [&] { return ask<std::vector<client_info>>(clients, get_clients{}); };
  give({{leaf, "1"}});
  refused_ids.insert(pump);
  give({{pump, "2"}}, 1);
  refused_ids.clear();
  CHECK(links()->size() == 2);
  give({{{"other", {}}, "3"}}, 2); // no more than there were
  CHECK(links()->size() == 2);
  CHECK(stored() == texts{"1", "3"});
  for (int i = 0; i < 3; ++i)
    pass(1s);
  CHECK(links()->size() == 2);
  CHECK(stored() == texts{"1", "3", "2"});
  for (int i = 0; i < 61; ++i) // it may have more room by now
    pass(1s);
  give({{leaf, "4"}}, 3);
  CHECK(links()->size() == 3);
  CHECK(tally() == tallied{{delivery_result::done, 4}});
}

TEST_CASE_METHOD(fixture,
                 "a parent that lets few clients in at a time gets the "
                 "messages of all, in turns",
                 "[uplink]") {
  room = 4; // this node and three senders
  const auto leaver
    = sys.spawn([this](caf::event_based_actor*) -> caf::behavior {
        return {[this](const clients_changed& news) {
          for (const auto& one : news.now)
            if (!one.session)
              let_in.erase(one.id);
        }};
      });
  caf::anon_send(clients, watch_clients{leaver});
  start();
  std::vector<std::pair<identity_id, std::string>> messages;
  for (int i = 0; i < 30; ++i)
    messages.emplace_back(identity_id{"leaf-" + std::to_string(i % 15), {}},
                          std::to_string(i / 15));
  give(messages);
  CHECK(tally()[delivery_result::done] == 6);
  // A client is gone five seconds after its last link.
  for (int i = 0; i < 59; ++i)
    pass(1s);
  CHECK(tally() == tallied{{delivery_result::done, 30}});
  caf::anon_send_exit(leaver, caf::exit_reason::user_shutdown);
}

TEST_CASE_METHOD(fixture,
                 "a sender that has always more to send gives its link to one "
                 "that waits",
                 "[uplink]") {
  options.most_links = 2;
  options.stall_timeout = 1h;
  start();
  memory.holding = true;
  give({{leaf, "1"}});
  give({{pump, "2"}}, 1);
  for (int i = 0; i < 31; ++i)
    pass(1s);
  CHECK(waiting() == 1);
  give({{leaf, "3"}}, 2); // its turn is over
  CHECK(memory.held.size() == 1);
  memory.answer_held();
  run();
  for (int i = 0; i < 3; ++i)
    pass(1s);
  CHECK(stored() == texts{"1", "2", "3"});
  CHECK(tally() == tallied{{delivery_result::done, 3}});
}

TEST_CASE_METHOD(fixture,
                 "messages of a sender that the parent does not know are given "
                 "up after half a minute",
                 "[uplink]") {
  start();
  unknown_ids.insert(leaf);
  give({{leaf, "1"}, {pump, "2"}});
  for (int i = 0; i < 10; ++i)
    pass(1s);
  CHECK(tally() == tallied{{delivery_result::done, 1}});
  SECTION("but not of one that it knows then") {
    unknown_ids.clear();
    for (int i = 0; i < 10; ++i)
      pass(1s);
    CHECK(results().at(0) == delivery_result::done);
  }
  SECTION("and not before") {
    for (int i = 0; i < 19; ++i)
      pass(1s);
    CHECK(tally() == tallied{{delivery_result::done, 1}});
    for (int i = 0; i < 2; ++i)
      pass(1s);
    CHECK(results().at(0) == delivery_result::poison);
  }
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
