#include "actors/uplink/broker_session.hpp"

#include "actors/uplink/uplink.hpp"
#include "messages/iothub/telemetry_head.hpp"
#include "support/session_node.hpp"

#include <catch2/catch.hpp>

#include <map>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

/// What a broker knows, and the one connection it has. Acknowledges what is
/// published at once, unless told otherwise.
struct fake_broker : broker_connector {
  struct line : broker_connection {
    fake_broker& broker;
    caf::actor session;
    std::vector<std::uint64_t> acknowledged;

    line(fake_broker& of, caf::actor to) : broker{of}, session{std::move(to)} {
      broker.open = this;
    }
    ~line() override {
      if (broker.open == this)
        broker.open = nullptr;
    }
    std::string publish(std::uint64_t number, const std::string& topic,
                        std::string_view payload) override {
      if (broker.takes-- == 0)
        return "the connection takes no message";
      broker.published.push_back(topic + ' ' + std::string{payload});
      if (broker.silent)
        broker.unanswered.push_back(number);
      else
        acknowledge(number);
      return {};
    }
    void subscribe(const std::string& filter) override {
      broker.filters.push_back(filter);
      caf::anon_send(session, broker_subscribed{broker.grants});
    }
    std::vector<std::uint64_t> take_acknowledged() override {
      return std::exchange(acknowledged, {});
    }
    void acknowledge(std::uint64_t number) {
      acknowledged.push_back(number);
      if (acknowledged.size() == 1)
        caf::anon_send(session, broker_acknowledged{});
    }
  };

  line* open = nullptr;
  unsigned attempts = 0;
  bool away = false;   ///< cannot be reached
  bool mute = false;   ///< takes connections, says nothing
  bool silent = false; ///< acknowledges nothing by itself
  bool grants = true;
  int takes = -1; ///< publications until the connection takes no more
  std::vector<std::string> published;
  std::vector<std::string> filters;
  std::vector<std::uint64_t> unanswered;

  std::unique_ptr<broker_connection> connect(caf::actor session) override {
    ++attempts;
    auto made = std::make_unique<line>(*this, session);
    if (away)
      caf::anon_send(session, broker_closed{"the broker cannot be reached"});
    else if (!mute)
      caf::anon_send(session, broker_opened{attempts > 1});
    return made;
  }

  void cut() { caf::anon_send(open->session, broker_closed{"cable cut"}); }
};

struct fixture : session_node {
  std::shared_ptr<fake_broker> broker = std::make_shared<fake_broker>();
  broker_options options;
  bool with_commands = true;
  std::map<std::uint64_t, delivery_result> results;
  caf::actor route = spawn_route();
  std::vector<send_c2d> commands; ///< that were passed on
  bool c2d_hangs = false;         ///< answers only when told to
  std::vector<caf::typed_response_promise<c2d_queued>> c2d_answers;
  c2d_actor c2d = spawn_c2d();
  uplink_actor subject;

  ~fixture() {
    answer_c2d();
    caf::anon_send_exit(subject, caf::exit_reason::user_shutdown);
    for (const auto& handle : {route, caf::actor_cast<caf::actor>(c2d)})
      caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
    run();
  }

  c2d_actor spawn_c2d() {
    return sys.spawn([this](c2d_actor::pointer by) -> c2d_actor::behavior_type {
      return {[this](const c2d_decided&) {
                for (auto& promise : std::exchange(c2d_answers, {}))
                  promise.deliver(c2d_queued{1});
              },
              [this, by](const send_c2d& wish) -> caf::result<c2d_queued> {
                if (wish.target.device == "nobody")
                  return ec::not_found;
                commands.push_back(wish);
                if (!c2d_hangs)
                  return c2d_queued{1};
                return c2d_answers.emplace_back(
                  by->make_response_promise<c2d_queued>());
              }};
    });
  }

  void answer_c2d() {
    caf::anon_send(c2d, c2d_decided{});
    run();
  }

  /// A publication from whoever is at the broker.
  void send(const std::string& topic, const std::string& payload) {
    caf::anon_send(broker->open->session, broker_message{topic, payload});
  }

  double counted(const std::string& result) {
    return meters
      ->counter("tidegate_uplink_commands_total",
                "Commands that came from the broker, by what became of them.",
                {{"result", result}})
      .Value();
  }

  caf::actor spawn_route() {
    return sys.spawn([this](caf::event_based_actor*) -> caf::behavior {
      return {[this](const delivered& news) {
        for (const auto& range : news.ranges)
          for (std::uint32_t i = 0; i < range.count; ++i)
            results[range.first + i] = range.result;
      }};
    });
  }

  void start() {
    std::string why;
    auto language = std::make_shared<broker_language>();
    language->edge = "edge-1";
    language->telemetry
      = *topic_template::parse("t/{device}/{output}", telemetry_places, why);
    if (with_commands)
      language->commands
        = topic_template::parse("c/{edge}/{device}", command_places, why);
    uplink_parent parent;
    parent.name = "broker.local:8883";
    parent.device = "edge-1";
    parent.meters = meters;
    parent.start
      = [made = broker_context{router, broker, language, c2d, meters, options}](
          caf::actor_system& in, const caf::actor& up) {
          return in.spawn(broker_session, made, up);
        };
    subject = sys.spawn(uplink, parent);
    run();
  }

  /// Gives payloads to the session, as a route would.
  void give(const std::vector<std::string>& payloads, std::uint64_t first = 0,
            std::vector<property> bag = {}, std::string device = "leaf") {
    block_builder builder{now};
    const auto head = make_head({std::move(device), {}}, {std::move(bag)});
    for (const auto& payload : payloads)
      builder.add(head, payload);
    REQUIRE_FALSE(ready.empty());
    const stored_block made{first, builder.finish()};
    caf::anon_send(
      ready.back().target,
      deliver{route, {}, {{lane_id{9}, made, 0, made.data->size()}}, "iothub"});
    run();
  }

  uplink_status status() {
    return *ask<uplink_status>(subject, get_uplink_status{});
  }
};

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
