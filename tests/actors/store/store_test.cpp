#include "actors/store/store.hpp"

#include "actors/store/lane_reader.hpp"
#include "messages/ec.hpp"
#include "support/deterministic.hpp"
#include "support/lane_fixture.hpp"

#include <catch2/catch.hpp>
#include <prometheus/text_serializer.h>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

/// What a route, or a session, has been told.
struct news {
  std::vector<append_done> done;
  std::vector<lane_stored> stored;
  std::vector<lane_evicted> moved;
};

struct store_fixture : lane_fixture, deterministic {
  news heard;
  caf::actor listener = sys.spawn([this](caf::event_based_actor*) {
    return caf::behavior{
      [this](const append_done& m) { heard.done.push_back(m); },
      [this](const lane_stored& m) { heard.stored.push_back(m); },
      [this](const lane_evicted& m) { heard.moved.push_back(m); },
    };
  });
  std::shared_ptr<metrics> meters = std::make_shared<metrics>(
    std::make_shared<prometheus::Registry>(), prometheus::Labels{});
  store_actor writer = sys.spawn(store, store_context{lanes, meters});
  lane_reader_actor reader = sys.spawn(lane_reader, lanes, writer);

  ~store_fixture() {
    for (const auto& whom : {listener, caf::actor_cast<caf::actor>(writer),
                             caf::actor_cast<caf::actor>(reader)})
      caf::anon_send_exit(whom, caf::exit_reason::user_shutdown);
    run();
  }

  void send_append(std::uint64_t tag, lane_id id, block_ptr data,
                   std::uint64_t attempt = 0) {
    caf::anon_send(writer, tidegate::append{
                             tag, {{id, std::move(data)}}, listener, attempt});
  }

  /// The tags that were answered without an error.
  std::vector<std::uint64_t> kept() const {
    std::vector<std::uint64_t> tags;
    for (const auto& answer : heard.done)
      if (!answer.error)
        tags.push_back(answer.tag);
    return tags;
  }

  lane_id open_followed(const std::string& sink) {
    const auto opened
      = ask<lane_status>(writer, open_lane{{sink, default_priority}});
    REQUIRE(opened);
    REQUIRE(ask<lane_status>(writer, follow_lane{opened->id, listener}));
    return opened->id;
  }

  std::string metrics_text() {
    return prometheus::TextSerializer{}.Serialize(
      meters->registry()->Collect());
  }
};

} // namespace

TEST_CASE_METHOD(store_fixture, "an append is answered once it is stored",
                 "[store]") {
  const auto id = open_followed("iothub");
  send_append(7, id, block_of({"a", "b"}));
  run();
  REQUIRE(heard.done.size() == 1);
  CHECK(heard.done[0].tag == 7);
  CHECK_FALSE(heard.done[0].error);
  CHECK(payloads(id) == std::vector<std::string>{"a", "b"});
}

TEST_CASE_METHOD(store_fixture, "everything queued becomes one group",
                 "[store]") {
  const auto id = open_followed("iothub");
  for (std::uint64_t tag = 0; tag < 10; ++tag)
    send_append(tag, id, block_of({"a"}));
  run();
  CHECK(heard.done.size() == 10);
  SECTION("written at once") {
    CHECK(metrics_text().find("tidegate_store_commits_total 1\n")
          != std::string::npos);
  }
  SECTION("and told to the route at once, in order") {
    REQUIRE(heard.stored.size() == 1);
    REQUIRE(heard.stored[0].blocks.size() == 10);
    for (std::uint64_t i = 0; i < 10; ++i)
      CHECK(heard.stored[0].blocks[i].first == i);
  }
}

TEST_CASE_METHOD(store_fixture, "a group is bounded", "[store]") {
  const auto id = open_followed("iothub");
  for (std::uint64_t tag = 0; tag < 20; ++tag)
    send_append(tag, id, block_of(1, 1 << 20));
  run();
  CHECK(heard.done.size() == 20);
  CHECK(heard.stored.size() == 3);
}

TEST_CASE_METHOD(store_fixture, "an append to a lane that is gone is refused",
                 "[store]") {
  const auto id = open_followed("iothub");
  caf::anon_send(writer, drop_lane{id});
  send_append(1, id, block_of({"a"}));
  run();
  REQUIRE(heard.done.size() == 1);
  CHECK(heard.done[0].error == ec::lane_gone);
}

TEST_CASE_METHOD(store_fixture,
                 "nothing overtakes a refused append of the same sender",
                 "[store]") {
  const auto id = open_followed("iothub");
  send_append(1, id, block_of({"a"}));
  send_append(2, lane_id{9}, block_of({"b"}));
  send_append(3, id, block_of({"c"}));
  SECTION("in one group") { run(); }
  SECTION("in the next group") {
    run();
    send_append(4, id, block_of({"d"}));
    run();
  }
  SECTION("not even once the sender has ended") {
    // More than one group holds; the end is known before the second.
    for (std::uint64_t tag = 4; tag < 24; ++tag)
      send_append(tag, id, block_of(1, 1 << 20));
    caf::anon_send_exit(listener, caf::exit_reason::user_shutdown);
    run();
    CHECK(payloads(id) == std::vector<std::string>{"a"});
    return;
  }
  REQUIRE(heard.done.size() >= 3);
  CHECK(heard.done[1].error == ec::lane_gone);
  CHECK(heard.done[2].error == ec::refused);
  CHECK(kept() == std::vector<std::uint64_t>{1});
  // What is sent in the knowledge of the refusal is taken again.
  send_append(5, id, block_of({"b"}), 1);
  run();
  CHECK(kept() == std::vector<std::uint64_t>{1, 5});
  CHECK(payloads(id) == std::vector<std::string>{"a", "b"});
}

TEST_CASE_METHOD(store_fixture,
                 "a refusal is forgotten with its sender, and concerns no "
                 "other",
                 "[store]") {
  const auto id = open_followed("iothub");
  const auto other = sys.spawn([](caf::event_based_actor*) -> caf::behavior {
    return {[](const append_done&) {}};
  });
  caf::anon_send(
    writer, tidegate::append{1, {{lane_id{9}, block_of({"x"})}}, other, 0});
  send_append(2, id, block_of({"a"}));
  run();
  CHECK(kept() == std::vector<std::uint64_t>{2});
  const auto& state = dynamic_cast<store_server::stateful_pointer<store_state>>(
                        caf::actor_cast<caf::abstract_actor*>(writer))
                        ->state;
  CHECK(state.refused.size() == 1);
  caf::anon_send_exit(other, caf::exit_reason::user_shutdown);
  run();
  CHECK(state.refused.empty());
}

TEST_CASE_METHOD(store_fixture, "what was queued before a drop is in the lane",
                 "[store]") {
  const auto id = open_followed("iothub");
  send_append(1, id, block_of({"a"}));
  caf::anon_send(writer, drop_lane{id});
  run();
  REQUIRE(heard.done.size() == 1);
  CHECK_FALSE(heard.done[0].error);
  CHECK(lanes->records().at(0).status.ledger == lane_ledger{1, 0, 0, 1, 0, 0});
}

TEST_CASE_METHOD(store_fixture, "settlements alone are written a little later",
                 "[store]") {
  const auto id = open_followed("iothub");
  send_append(1, id, block_of({"a", "b"}));
  run();
  caf::anon_send(writer, settle_lane{id, 0, {{2, outcome::delivered}}});
  run();
  CHECK(status(id).cursor == 0);
  pass(50ms);
  CHECK(status(id).cursor == 2);
}

TEST_CASE_METHOD(store_fixture, "settlements travel with the next append",
                 "[store]") {
  const auto id = open_followed("iothub");
  send_append(1, id, block_of({"a", "b"}));
  run();
  caf::anon_send(writer, settle_lane{id, 0, {{2, outcome::delivered}}});
  send_append(2, id, block_of({"c"}));
  run();
  CHECK(status(id).cursor == 2);
}

TEST_CASE_METHOD(store_fixture, "on exit what is queued is written",
                 "[store]") {
  const auto id = open_followed("iothub");
  send_append(1, id, block_of({"a"}));
  run();
  caf::anon_send(writer, settle_lane{id, 0, {{1, outcome::delivered}}});
  send_append(2, id, block_of({"b"}));
  caf::anon_send_exit(writer, caf::exit_reason::user_shutdown);
  run();
  CHECK(heard.done.size() == 2);
  CHECK(status(id).ledger == lane_ledger{2, 1, 0, 0, 0, 0});
}

TEST_CASE_METHOD(store_fixture, "the reader gives what is stored", "[store]") {
  const auto id = open_followed("iothub");
  send_append(1, id, block_of({"a", "b"}));
  run();
  const auto found = ask<lane_stored>(reader, read_lane{id, 1, 1 << 20});
  REQUIRE(found);
  REQUIRE(found->blocks.size() == 1);
  CHECK(found->blocks[0].data->payload(1) == "b");
}

TEST_CASE_METHOD(store_fixture, "metrics follow the ledger", "[store]") {
  const auto id = open_followed("iothub");
  send_append(1, id, block_of({"a", "b"}));
  run();
  caf::anon_send(writer, settle_lane{id, 0, {{1, outcome::delivered}}});
  pass(1s);
  pass(1s);
  const auto text = metrics_text();
  const std::string labels
    = "{lane=\"1\",on_full=\"reject\",priority=\"2000000000\","
      "sink=\"iothub\"} ";
  CHECK(text.find("tidegate_lane_accepted_total" + labels + "2")
        != std::string::npos);
  CHECK(text.find("tidegate_lane_delivered_total" + labels + "1")
        != std::string::npos);
  CHECK(text.find("tidegate_lane_pending_messages" + labels + "1")
        != std::string::npos);
}
