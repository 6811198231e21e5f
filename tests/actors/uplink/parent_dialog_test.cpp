#include "actors/uplink/gateway_fixture.hpp"

#include "messages/error_text.hpp"

using namespace tidegate;
using namespace uplink_tests;

namespace {

constexpr auto token = "00112233-4455-6677-8899-aabbccddeeff";

} // namespace

TEST_CASE_METHOD(gateway, "a gateway asks its parent for twins",
                 "[parent_dialog]") {
  start();
  REQUIRE(ready_calls.size() == 2);
  const auto twin = ask<twin_text>(parent(), fetch_twin{leaf});
  REQUIRE(twin);
  CHECK(*twin->json == cloud->twin);
  CHECK(cloud->gets == std::vector{leaf});
  CHECK(questions.back().id == leaf);
  CHECK(questions.back().auth_chain == "leaf-9;edge-1");
  SECTION("of many clients, and again, over one connection") {
    CHECK_FALSE(get_fails(pump));
    CHECK_FALSE(get_fails(leaf));
    CHECK(cloud->gets == std::vector{leaf, pump, leaf});
    CHECK(attempts == 1);
  }
  SECTION("and is told what clients reported") {
    REQUIRE(push(leaf));
    CHECK(cloud->patches == std::vector<std::string>{R"({"a":1})"});
  }
}

TEST_CASE_METHOD(gateway, "what the parent refuses has a reason",
                 "[parent_dialog]") {
  start();
  SECTION("a patch that is wrong") {
    cloud->failure = ec::bad_argument;
    CHECK(push(leaf).error() == ec::bad_argument);
  }
  SECTION("a twin that cannot be read now") {
    cloud->failure = ec::store_failed;
    CHECK(get_fails(leaf) == ec::unavailable);
  }
  SECTION("an identity that it does not know") {
    unknown_ids.insert(leaf);
    CHECK(get_fails(leaf) == ec::not_found);
  }
  SECTION("an identity that may not speak") {
    refused_ids.insert(leaf);
    CHECK(get_fails(leaf) == ec::unauthorized);
    refused_ids.clear();
    CHECK_FALSE(get_fails(leaf));
  }
}

TEST_CASE_METHOD(gateway, "desired properties are told for those that follow",
                 "[parent_dialog]") {
  start();
  REQUIRE(follow(leaf));
  REQUIRE_FALSE(get_fails(pump));
  change(leaf, R"({"a":1,"$version":2})");
  change(pump, R"({"a":1,"$version":2})");
  REQUIRE(told.size() == 1);
  CHECK(told[0].first == leaf);
  CHECK(told[0].second == R"({"a":1,"$version":2})");
  SECTION("until they do not any more") {
    REQUIRE(follow(leaf, false));
    change(leaf, R"({"a":2,"$version":3})");
    CHECK(told.size() == 1);
  }
  SECTION("again when the parent had closed the links, and that is said") {
    at_hub(replaced{leaf, "somebody else"});
    change(leaf, R"({"a":2,"$version":3})");
    CHECK(told.size() == 1);
    CHECK(missed.empty());
    pass_seconds(3);
    CHECK(missed == std::vector{leaf});
    change(leaf, R"({"a":2,"$version":4})");
    CHECK(told.size() == 2);
  }
}

TEST_CASE_METHOD(gateway, "the parent calls methods of connected clients",
                 "[parent_dialog]") {
  start();
  want(pump, {true, false, false});
  CHECK(cloud->wants[pump].methods);
  const auto call = [this] {
    at_hub(method_request{pump, token, "reboot", tidegate::own("{}")});
    REQUIRE(cloud->responses.size() == 1);
    CHECK(cloud->responses[0].by == pump);
    CHECK(cloud->responses[0].rid == token);
    return cloud->responses[0].status;
  };
  SECTION("which answer") {
    CHECK(call() == 200);
    CHECK(cloud->responses[0].payload.view == "[1]");
    REQUIRE(calls.size() == 1);
    CHECK(calls[0].target == pump);
    CHECK(calls[0].name == "reboot");
    CHECK(calls[0].payload.view == "{}");
    CHECK(to_string(calls[0].from) == "upstream");
    CHECK(calls[0].connect_timeout == 0s);
  }
  SECTION("which are gone") {
    outcome = caf::make_error(ec::not_found, "gone");
    CHECK(call() == 404);
  }
  SECTION("which do not answer") {
    outcome = caf::make_error(ec::timed_out, "silent");
    CHECK(call() == 504);
  }
  SECTION("which end when nobody above hears of them any more") {
    silent = true;
    at_hub(method_request{pump, token, "reboot", tidegate::own("{}")});
    REQUIRE(calls.size() == 1);
    REQUIRE(calls[0].ticket);
    CHECK(abandoned.empty());
    leave(pump);
    REQUIRE(abandoned.size() == 1);
    CHECK(abandoned[0].ticket == calls[0].ticket);
    CHECK(calls[0].ticket->left);
  }
  SECTION("but not of those that have left") {
    leave(pump);
    CHECK_FALSE(known_at_hub(pump));
  }
  SECTION("and of the gateway itself, and its agent") {
    const identity_id hub_id{"edge-1", "$edgeHub"};
    const identity_id agent_id{"edge-1", "$edgeAgent"};
    CHECK(cloud->wants[hub_id].methods);
    CHECK(cloud->wants[agent_id].methods);
  }
}

TEST_CASE_METHOD(gateway, "messages from the cloud and their fate",
                 "[parent_dialog]") {
  start();
  want(leaf, {false, false, true});
  CHECK(cloud->wants[leaf].c2d);
  send_command(token);
  REQUIRE(commands.size() == 1);
  const auto& news = commands[0];
  CHECK(news.target == leaf);
  CHECK(news.message.lock_token == token);
  CHECK(news.message.delivery_count == 3);
  CHECK(news.message.sequence == 7);
  CHECK(news.message.enqueued == now);
  CHECK(news.message.payload.view == "open");
  CHECK(news.message.head->user == std::vector<property>{{"k", "v"}});
  CHECK(find_property(news.message.head->system, "messageId")->value == "m-1");
  CHECK_FALSE(find_property(news.message.head->system, "lockToken"));
  const auto outcome_told = GENERATE(c2d_outcome::complete,
                                     c2d_outcome::abandon, c2d_outcome::reject);
  caf::anon_send(parent(), c2d_decided{leaf, token, outcome_told});
  caf::anon_send(parent(), c2d_decided{leaf, token, outcome_told});
  run();
  REQUIRE(cloud->decisions.size() == 1);
  CHECK(cloud->decisions[0].lock_token == token);
  CHECK(cloud->decisions[0].outcome == outcome_told);
}

TEST_CASE_METHOD(gateway, "a message whose device has left goes back",
                 "[parent_dialog]") {
  start();
  want(leaf, {false, false, true});
  send_command(token);
  leave(leaf);
  REQUIRE(cloud->decisions.size() == 1);
  CHECK(cloud->decisions[0].outcome == c2d_outcome::abandon);
}

TEST_CASE_METHOD(gateway, "many clients have links of their own, in their turn",
                 "[parent_dialog]") {
  start();
  for (int i = 0; i < 300; ++i)
    caf::anon_send(
      local,
      client_join{{"leaf-" + std::to_string(i), {}}, client, "mqtt", "peer"});
  // The hub of the tests takes ten devices; modules are not counted.
  for (int i = 0; i < 300; ++i) {
    const identity_id id{"edge-1", "m" + std::to_string(i)};
    caf::anon_send(local, client_join{id, client, "mqtt", "peer"});
    caf::anon_send(local, client_subscribed{id, client, {true, false, false}});
  }
  run();
  CHECK(std::count_if(cloud->wants.begin(), cloud->wants.end(),
                      [](const auto& one) { return one.second.methods; })
        == 302);
  CHECK(attempts == 1);
}

TEST_CASE_METHOD(gateway, "links for twins are bounded, and so is their rest",
                 "[parent_dialog]") {
  options.most_dialog_links = 8; // four are for the gateway's own methods
  start();
  CHECK_FALSE(get_fails(leaf));
  pass(1s);
  CHECK_FALSE(get_fails({"leaf-1", {}}));
  CHECK_FALSE(get_fails({"leaf-2", {}}));
  CHECK_FALSE(known_at_hub(leaf));
  CHECK(known_at_hub({"leaf-1", {}}));
  SECTION("those that follow keep theirs") {
    REQUIRE(follow({"leaf-1", {}}));
    REQUIRE(follow({"leaf-2", {}}));
    CHECK(get_fails(leaf) == ec::unavailable);
  }
  SECTION("those of who is not connected are closed soon") {
    pass_seconds(12);
    CHECK_FALSE(known_at_hub({"leaf-1", {}}));
  }
}

TEST_CASE_METHOD(gateway, "where links are short, clients have them in turns",
                 "[parent_dialog]") {
  // Four are for the gateway's own methods, one is kept for questions.
  options.most_dialog_links = 12;
  start();
  constexpr int crowd = 8;
  const auto id = [](int i) {
    return identity_id{"edge-1", "m" + std::to_string(i)};
  };
  for (int i = 0; i < crowd; ++i)
    want(id(i), {false, true, false});
  int served = 0;
  for (int i = 0; i < crowd; ++i)
    served += follow(id(i)) ? 1 : 0;
  CHECK(served == 3);
  pass_seconds(2);
  const auto waiting = [this] {
    return meters->gauge("tidegate_uplink_links_waiting", "").Value();
  };
  CHECK(waiting() == crowd - 3);
  SECTION("everybody in some minutes, and is told that it may have missed") {
    pass_seconds(120);
    for (int i = 0; i < crowd; ++i)
      CHECK(std::count(missed.begin(), missed.end(), id(i)) > 0);
    CHECK(waiting() == crowd - 3); // as many wait, though not the same
    missed.clear();
    pass_seconds(120);
    for (int i = 0; i < crowd; ++i)
      CHECK(std::count(missed.begin(), missed.end(), id(i)) > 0);
  }
  SECTION("at once when others leave") {
    for (int i = 0; i < crowd - 3; ++i) {
      REQUIRE(follow(id(i), false));
      leave(id(i));
    }
    pass_seconds(3);
    CHECK(waiting() == 0);
    change(id(crowd - 1), R"({"a":1,"$version":2})");
    CHECK(told.size() == 1);
  }
  SECTION("but one that is followed answers questions all the time") {
    pass_seconds(5);
    for (int i = 0; i < 3; ++i)
      CHECK_FALSE(get_fails(id(i)));
  }
}

TEST_CASE_METHOD(gateway, "a question that has no answer ends",
                 "[parent_dialog]") {
  start();
  SECTION("with its time, and the parent is tested") {
    cloud->holds = true;
    auto asked = self->request(parent(), 60s, fetch_twin{leaf});
    run();
    pass_seconds(19);
    CHECK(status().state == connectivity::state::connected);
    pass_seconds(2);
    caf::error why;
    asked.receive([](const twin_text&) {},
                  [&](const caf::error& error) { why = error; });
    CHECK(why == ec::timed_out);
    CHECK(status().state == connectivity::state::trying);
    CHECK(cloud->gets == std::vector{leaf, identity_id{"edge-1", "$edgeHub"}});
    SECTION("which it passes") {
      cloud->answer(); // an old one, which nobody waits for
      cloud->answer();
      pass_seconds(2);
      CHECK(status().state == connectivity::state::connected);
      CHECK(gone.empty());
    }
    SECTION("which it does not pass: the connection is left") {
      cloud->holds = false;
      pass_seconds(22);
      CHECK(gone.size() == 1);
      CHECK(changes == std::vector<bool>{false, true, false, true});
    }
  }
  SECTION("with the connection") {
    cloud->holds = true;
    auto asked = self->request(parent(), 60s, fetch_twin{leaf});
    run();
    cut();
    run();
    caf::error why;
    asked.receive([](const twin_text&) {},
                  [&](const caf::error& error) { why = error; });
    CHECK(why == ec::io_failed);
  }
}

TEST_CASE_METHOD(gateway, "a parent that was silent for long is asked",
                 "[parent_dialog]") {
  start();
  pass_seconds(299);
  CHECK(cloud->gets.empty());
  pass_seconds(2);
  CHECK(cloud->gets.size() == 1);
  CHECK(status().state == connectivity::state::connected);
}

TEST_CASE_METHOD(gateway, "the backlog waits for what is said before it",
                 "[parent_dialog]") {
  catches_up = false;
  start();
  CHECK(status().state == connectivity::state::connected);
  CHECK(ready.empty());
  SECTION("until that is done") {
    caf::anon_send(parent(), twins_caught_up{});
    run();
    CHECK(ready.size() == 1);
  }
  SECTION("for a while") {
    pass_seconds(4);
    CHECK(ready.empty());
    pass_seconds(2);
    CHECK(ready.size() == 1);
  }
}

TEST_CASE_METHOD(gateway, "when the parent is back, clients are known there",
                 "[parent_dialog]") {
  cable_cut = true;
  start();
  want(leaf, {true, true, true});
  CHECK(cloud->wants.empty());
  cable_cut = false;
  pass_seconds(60);
  CHECK(cloud->wants[leaf].methods);
  CHECK(cloud->wants[leaf].c2d);
}

TEST_CASE_METHOD(gateway, "a parent that fails over is tested, then left",
                 "[parent_dialog]") {
  start();
  const auto session = ready_calls.back();
  const auto fail_over = [&] {
    parent_progress news{0, session};
    news.answered = news.failed_over = true; // the refusal is an answer, too
    caf::anon_send(subject, news);
    run();
  };
  SECTION("when it answers the test, nothing happens") {
    fail_over();
    CHECK(cloud->gets.back() == identity_id{"edge-1", "$edgeHub"});
    pass_seconds(2);
    CHECK(status().state == connectivity::state::connected);
    CHECK(attempts == 1);
  }
  SECTION("when it says so again, it is left") {
    cloud->holds = true;
    fail_over();
    CHECK(status().state == connectivity::state::trying);
    fail_over();
    CHECK(status().state == connectivity::state::disconnected);
    CHECK_FALSE(changes.back());
  }
}
