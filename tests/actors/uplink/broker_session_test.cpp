#include "actors/uplink/broker_fixture.hpp"

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

using fixture = uplink_tests::broker_fixture;
using texts = std::vector<std::string>;
using by_offset = std::map<std::uint64_t, delivery_result>;
constexpr auto done = delivery_result::done;
constexpr auto poison = delivery_result::poison;

} // namespace

TEST_CASE_METHOD(fixture,
                 "a broker that takes this node is the target of what goes "
                 "upstream",
                 "[uplink][broker]") {
  options.window = 70;
  start();
  REQUIRE(ready.size() == 1);
  CHECK(ready[0].sink_prefix == "iothub");
  CHECK(ready[0].window == 70);
  CHECK(status().state == connectivity::state::connected);
  CHECK(status().parent == "broker.local:8883");
  give({"1", "2"}, 0, {{"$.on", "vib"}});
  CHECK(broker->published == texts{"t/leaf/vib 1", "t/leaf/vib 2"});
  CHECK(results == by_offset{{0, done}, {1, done}});
}

TEST_CASE_METHOD(fixture, "a message is done when it is acknowledged",
                 "[uplink][broker]") {
  broker->silent = true;
  start();
  give({"1", "2", "3"});
  CHECK(results.empty());
  broker->open->acknowledge(broker->unanswered.at(1));
  run();
  CHECK(results == by_offset{{1, done}});
  broker->open->acknowledge(broker->unanswered.at(0));
  broker->open->acknowledge(broker->unanswered.at(1)); // once more
  run();
  CHECK(results == by_offset{{0, done}, {1, done}});
  pass(1s);
  CHECK(status().unacknowledged == 1);
}

TEST_CASE_METHOD(fixture, "commands are subscribed to, if there are any",
                 "[uplink][broker]") {
  SECTION("with a topic") {
    start();
    CHECK(broker->filters == texts{"c/edge-1/+/#"});
  }
  SECTION("without one") {
    with_commands = false;
    start();
    CHECK(broker->filters.empty());
  }
  SECTION("telemetry goes up also when the broker refuses") {
    broker->grants = false;
    start();
    give({"1"});
    CHECK(results == by_offset{{0, done}});
  }
}

TEST_CASE_METHOD(fixture,
                 "a lost session is made again, and takes messages when the "
                 "broker is back",
                 "[uplink][broker]") {
  start();
  pass(31s);
  broker->silent = true;
  give({"1"});
  const auto session = ready.back().target;
  broker->away = true;
  broker->cut();
  run();
  CHECK(gone.back().target == session);
  CHECK(results.empty()); // the route sends it again
  CHECK(status().state == connectivity::state::trying);
  pass(1ms);
  CHECK(status().state == connectivity::state::disconnected);
  CHECK(status().last_failure == "the broker cannot be reached");
  broker->away = broker->silent = false;
  pass(60s);
  REQUIRE(ready.size() == 2);
  CHECK(broker->filters.size() == 2);
  give({"1"});
  CHECK(results == by_offset{{0, done}});
}

TEST_CASE_METHOD(fixture,
                 "a connection that takes no more messages is given up",
                 "[uplink][broker]") {
  start();
  broker->takes = 1;
  give({"1", "2", "3"});
  CHECK(broker->published == texts{"t/leaf 1"});
  CHECK(gone.size() == 1);
  CHECK(status().last_failure == "the connection takes no message");
}

TEST_CASE_METHOD(fixture, "a session without progress is rebuilt",
                 "[uplink][broker]") {
  broker->silent = true;
  start();
  give({"1"});
  for (int i = 0; i < 19; ++i)
    pass(1s);
  CHECK(gone.empty());
  for (int i = 0; i < 3; ++i)
    pass(1s);
  CHECK(gone.size() == 1);
  CHECK(status().last_failure
        == "the broker has acknowledged nothing for 20000 ms");
}

TEST_CASE_METHOD(fixture, "a broker that accepts and says nothing is left",
                 "[uplink][broker]") {
  broker->mute = true;
  start();
  pass(60s);
  CHECK(status().last_failure == "the broker did not answer in time");
  CHECK(ready.empty());
}

TEST_CASE_METHOD(fixture,
                 "a message that the broker would not take is given up and "
                 "costs the others nothing",
                 "[uplink][broker]") {
  options.message_size = 100;
  start();
  give({"1", std::string(100, 'x'), "3"});
  CHECK(broker->published == texts{"t/leaf 1", "t/leaf 3"});
  CHECK(results == by_offset{{0, done}, {1, poison}, {2, done}});
  SECTION("so is one whose properties do not fit into a topic") {
    options.message_size = 1u << 20;
    give({"4"}, 3, {{"k", std::string(longest_topic, 'v')}});
    CHECK(results.at(3) == poison);
  }
  SECTION("and one without a sender") {
    give({"4"}, 3, {}, "");
    CHECK(results.at(3) == poison);
  }
}

TEST_CASE_METHOD(fixture, "large messages leave room for fewer at a broker",
                 "[uplink][broker]") {
  start();
  CHECK(ready.back().window == options.window);
  give({std::string(262'144, 'x'), std::string(262'144, 'x')});
  CHECK(ready.back().window == 32);
}

TEST_CASE_METHOD(fixture, "a command is passed on to its device",
                 "[uplink][broker]") {
  start();
  send("c/edge-1/leaf/%24.mid=7&level=high"
       "&%24.exp=2026-01-02T03%3A04%3A06Z",
       "open");
  run();
  REQUIRE(commands.size() == 1);
  CHECK(commands[0].target == identity_id{"leaf", {}});
  CHECK(commands[0].payload.view == "open");
  CHECK(commands[0].head->sender == identity_id{});
  CHECK(find_property(commands[0].head->system, "messageId")->value == "7");
  CHECK(find_property(commands[0].head->user, "level")->value == "high");
  CHECK(commands[0].expires == wall_time{std::chrono::seconds{1'767'323'046}});
  CHECK(counted("taken") == 1);
}

TEST_CASE_METHOD(fixture, "a command that cannot be delivered is counted",
                 "[uplink][broker]") {
  start();
  send("c/edge-1/nobody", "open");
  send("c/edge-2/leaf", "open");
  run();
  CHECK(commands.empty());
  CHECK(counted("refused") == 2);
  send("c/edge-1/leaf", "open"); // the session goes on
  run();
  CHECK(counted("taken") == 1);
  CHECK(gone.empty());
}

TEST_CASE_METHOD(fixture,
                 "a session that ends still passes on what the broker has "
                 "got an acknowledgement for",
                 "[uplink][broker]") {
  c2d_hangs = true;
  start();
  const auto session = broker->open->session;
  send("c/edge-1/leaf", "before");
  broker->cut();
  caf::anon_send(session, broker_message{"c/edge-1/leaf", "after"});
  run();
  CHECK(commands.size() == 2);
  CHECK(gone.size() == 1);
  CHECK(status().state == connectivity::state::connected); // still leaving
  answer_c2d();
  CHECK(status().failures == 1);
  CHECK(counted("taken") == 2);
}

TEST_CASE_METHOD(fixture,
                 "commands that come faster than they are stored stay at the "
                 "broker",
                 "[uplink][broker]") {
  options.most_commands = 2;
  c2d_hangs = true;
  start();
  for (const auto* text : {"1", "2", "3"})
    send("c/edge-1/leaf", text);
  run();
  CHECK_FALSE(broker->open);
  CHECK(commands.size() == 3);
  answer_c2d();
  CHECK(status().last_failure
        == "commands come faster than they can be stored");
}

TEST_CASE_METHOD(fixture, "a session that is told to end does so",
                 "[uplink][broker]") {
  start();
  caf::anon_send_exit(broker->open->session, caf::exit_reason::user_shutdown);
  run();
  CHECK(gone.size() == 1);
  CHECK_FALSE(broker->open);
}
