#include "actors/clients/ingress.hpp"

#include "messages/ec.hpp"
#include "support/deterministic.hpp"
#include "support/node_context.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <catch2/catch.hpp>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

/// A store that keeps what it is asked and answers when the test says so.
struct fixture : deterministic {
  std::vector<append> asked;
  store_actor store = spawn_store();
  std::shared_ptr<route_board> board = std::make_shared<route_board>();
  wall_time now{1000ms};
  elapsed_time elapsed{70ms};
  ingress subject{share(context()), self};

  ~fixture() { caf::anon_send_exit(store, caf::exit_reason::user_shutdown); }

  store_actor spawn_store() {
    return sys.spawn(
      [this](store_actor::pointer) -> store_actor::behavior_type {
        return {[this](const append& what) { asked.push_back(what); },
                [](const settle_lane&) {},
                [](const drop_lane&) {},
                [](const lane_damaged&) {},
                [](const open_lane&) { return lane_status{}; },
                [](const follow_lane&) { return lane_status{}; },
                [](get_lanes) { return std::vector<lane_status>{}; }};
      });
  }

  session_context context() {
    session_context made;
    made.store = store;
    made.routes = board;
    made.meters = make_metrics();
    made.now = [this] { return now; };
    made.elapsed = [this] { return elapsed; };
    return made;
  }

  routed_head_ptr head(std::string output = "o") {
    auto made = std::make_shared<message_head>();
    made->sender = {"edge-1", "pump"};
    made->system = {{"connectionDeviceId", "edge-1"},
                    {"connectionModuleId", "pump"},
                    {"outputName", std::move(output)},
                    {"contentType", "application/json"},
                    {"contentEncoding", "utf-8"}};
    return subject.prepare(std::move(made));
  }

  void send(const routed_head_ptr& head, std::string payload,
            ingress::ticket mark) {
    subject.add(head, own(std::move(payload)), mark);
  }

  void flush() {
    subject.flush();
    run();
  }

  void answer(std::size_t index, caf::error error = {}) {
    subject.done({asked.at(index).tag, std::move(error)});
    run();
  }

  std::vector<ingress::ticket> decided(const caf::error& error = {}) {
    const auto told = subject.next_decision();
    REQUIRE(told);
    CHECK(told->error == error);
    return told->tickets;
  }

  std::vector<std::string> payloads(std::size_t index, lane_id lane) {
    std::vector<std::string> all;
    for (const auto& block : asked.at(index).blocks)
      for (std::uint32_t i = 0; block.lane == lane && i < block.data->size();
           ++i)
        all.emplace_back(block.data->payload(i));
    return all;
  }
};

using texts = std::vector<std::string>;
using marks = std::vector<ingress::ticket>;

constexpr auto upstream = R"({"up": "FROM /messages/* INTO $upstream"})";

} // namespace

TEST_CASE_METHOD(fixture, "a batch is one append with one block per lane",
                 "[ingress]") {
  board->publish(make_routes(R"json({
    "up": "FROM /messages/* INTO $upstream",
    "hot": "FROM /messages/* WHERE $body.t > 9 INTO BrokeredEndpoint(\"/modules/filter/inputs/in\")"
  })json"));
  const auto first = head();
  send(first, R"({"t":3})", 1);
  send(first, R"({"t":30})", 2);
  send(head("other"), R"({"t":4})", 3);
  flush();
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].blocks.size() == 2);
  std::size_t messages = 0;
  for (const auto& block : asked[0].blocks)
    messages += block.data->size();
  CHECK(messages == 4);
  CHECK_FALSE(subject.next_decision());
  answer(0);
  CHECK(decided() == marks{1, 2, 3});
  CHECK(subject.undecided_bytes() == 0);
  CHECK(subject.undecided_messages() == 0);
}

TEST_CASE_METHOD(fixture, "messages that no route wants are done at once",
                 "[ingress]") {
  board->publish(
    make_routes(R"({"r": "FROM /messages/modules/other/* INTO $upstream"})"));
  send(head(), "x", 7);
  flush();
  CHECK(asked.empty());
  CHECK(decided() == marks{7});
  SECTION("but not before those in front of them") {
    board->publish(make_routes(
      R"({"r": "FROM /messages/* WHERE $body.a = 1 INTO $upstream"})"));
    send(head(), R"({"a":1})", 8);
    flush();
    send(head(), R"({"a":2})", 9);
    flush();
    CHECK(asked.size() == 1);
    CHECK_FALSE(subject.next_decision());
    answer(0);
    CHECK(decided() == marks{8});
    CHECK(decided() == marks{9});
  }
}

TEST_CASE_METHOD(fixture, "a failure to store is told, and counted",
                 "[ingress]") {
  board->publish(make_routes(upstream));
  send(head(), "x", 1);
  flush();
  answer(0, ec::store_full);
  CHECK(decided(ec::store_full) == marks{1});
}

TEST_CASE_METHOD(fixture, "before there are routes nothing is acknowledged",
                 "[ingress]") {
  send(head(), "x", 1);
  flush();
  CHECK(decided(ec::unavailable) == marks{1});
}

TEST_CASE_METHOD(fixture, "what stands behind a refused batch is refused too",
                 "[ingress]") {
  board->publish(make_routes(upstream));
  const auto repeated = head();
  for (ingress::ticket mark = 1; mark <= 3; ++mark) {
    send(repeated, std::to_string(mark), mark);
    flush();
  }
  answer(0);
  answer(1, ec::store_full);
  CHECK(decided() == marks{1});
  CHECK(decided(ec::store_full) == marks{2});
  CHECK(decided(ec::store_full) == marks{3});
  CHECK(subject.undecided_messages() == 0);
  SECTION("whatever the store says of it, which comes later") {
    answer(2, ec::refused);
    CHECK_FALSE(subject.next_decision());
  }
  SECTION("and what comes then shows that the refusal is known") {
    send(repeated, "2", 2);
    flush();
    answer(2, ec::refused);
    REQUIRE(asked.size() == 4);
    CHECK(asked[2].attempt < asked[3].attempt);
    answer(3);
    CHECK(decided() == marks{2});
  }
}

TEST_CASE_METHOD(fixture,
                 "a lane that is gone sends all that followed another way",
                 "[ingress]") {
  board->publish(make_routes(upstream));
  const auto repeated = head();
  for (ingress::ticket mark = 1; mark <= 3; ++mark) {
    send(repeated, std::to_string(mark), mark);
    flush();
  }
  answer(0);
  board->publish(make_routes(upstream, 5));
  answer(1, ec::lane_gone);
  REQUIRE(asked.size() == 5);
  CHECK(payloads(3, lane_id{5}) == texts{"2"});
  CHECK(payloads(4, lane_id{5}) == texts{"3"});
  CHECK(asked[2].attempt < asked[3].attempt);
  CHECK(decided() == marks{1});
  CHECK_FALSE(subject.next_decision());
  answer(2, ec::refused); // of the first attempt
  answer(3);
  answer(4);
  CHECK(decided() == marks{2});
  CHECK(decided() == marks{3});
}

TEST_CASE_METHOD(fixture,
                 "a lane that is gone under routes in force is an "
                 "error, not a loop",
                 "[ingress]") {
  board->publish(make_routes(upstream));
  send(head(), "x", 1);
  flush();
  answer(0, ec::lane_gone);
  CHECK(asked.size() == 1);
  CHECK(decided(ec::unavailable) == marks{1});
}

TEST_CASE_METHOD(fixture, "the size of a message counts its properties",
                 "[ingress]") {
  const auto subject_head = head("output");
  const std::size_t properties = properties_size(*subject_head->head);
  const std::string payload(262'145 - properties, 'x');
  CHECK_FALSE(
    subject.refuse(*subject_head, std::string_view{payload}.substr(1)));
  const auto refused = subject.refuse(*subject_head, payload);
  REQUIRE(refused);
  CHECK(refused->what == message_fault::too_large);
}

TEST_CASE_METHOD(fixture,
                 "a message is refused when it does not fit where its routes "
                 "lead",
                 "[ingress]") {
  auto made = std::make_shared<message_head>();
  made->sender = {"edge-1", "pump"};
  made->system = {{"connectionDeviceId", "edge-1"},
                  {"connectionModuleId", "pump"},
                  {"contentType", "application/json"},
                  {"contentEncoding", "utf-8"}};
  made->user = {{"long", std::string(66'000, 'x')}};
  const auto wide = subject.prepare(std::move(made));
  board->publish(make_routes(upstream));
  CHECK_FALSE(subject.refuse(*wide, "x"));
  board->publish(make_routes(R"json({
    "hot": "FROM /messages/* WHERE $body.t > 9 INTO BrokeredEndpoint(\"/modules/filter/inputs/in\")"
  })json"));
  CHECK_FALSE(subject.refuse(*wide, R"({"t":3})"));
  const auto refused = subject.refuse(*wide, R"({"t":30})");
  REQUIRE(refused);
  CHECK(refused->what == message_fault::topic_too_long);
}

TEST_CASE_METHOD(fixture, "received and unrouted messages are counted",
                 "[ingress]") {
  auto counted = context();
  ingress metered{share(counted), self};
  board->publish(
    make_routes(R"({"r": "FROM /messages/modules/other/* INTO $upstream"})"));
  const auto prepared = metered.prepare(head()->head);
  for (ingress::ticket mark = 0; mark < 5; ++mark)
    metered.add(prepared, own("x"), mark);
  metered.flush();
  CHECK(prepared->meters->received->Value() == 5);
  CHECK(prepared->meters->no_route->Value() == 5);
}
