#include "storage/c2d_store.hpp"

#include "messages/ec.hpp"
#include "support/lane_fixture.hpp"

#include <rapidcheck.h>
#include <rapidcheck/catch.h>
#include <rocksdb/write_batch.h>

using namespace tidegate;

namespace {

struct fixture : lane_fixture {
  std::unique_ptr<c2d_store> commands = opened();

  std::unique_ptr<c2d_store> opened() {
    auto made = c2d_store::open(db);
    REQUIRE(made);
    return std::move(*made);
  }

  void reopen() {
    commands.reset();
    open();
    commands = opened();
  }

  c2d_record add(const std::string& device, const std::string& text) {
    c2d_record wanted;
    wanted.device = device;
    wanted.generation = "g";
    message_head head;
    head.user.push_back({"k", "v"});
    auto made = commands->add(
      wanted, std::make_shared<const message_head>(head), own(text));
    REQUIRE(made);
    return *made;
  }

  std::vector<c2d_record> records() {
    std::size_t damaged = 0;
    auto all = commands->records(damaged);
    REQUIRE(all);
    CHECK(damaged == 0);
    return *all;
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "a command is found again", "[c2d]") {
  const auto one = add("a", "one");
  const auto two = add("ab", "two");
  const auto three = add("a", "three");
  CHECK(three.sequence == 3);
  reopen();
  CHECK(records() == std::vector<c2d_record>{one, three, two});
  const auto read = commands->read(two);
  REQUIRE(read);
  CHECK(read->payload.view == "two");
  CHECK(find_property(read->head->user, "k")->value == "v");
  CHECK_FALSE(commands->remove(one));
  CHECK(commands->read(one).error() == ec::store_damaged);
  CHECK(records() == std::vector<c2d_record>{three, two});
}

TEST_CASE_METHOD(fixture, "a command's number is never given again", "[c2d]") {
  const auto one = add("a", "one");
  CHECK_FALSE(commands->remove(one));
  reopen();
  CHECK(add("a", "two").sequence == 2);
}

TEST_CASE_METHOD(fixture, "feedback is kept until it is read", "[c2d]") {
  auto one = add("a", "one");
  one.delivery_count = 2;
  const c2d_feedback told{one, c2d_fate::rejected,
                          wall_time{std::chrono::seconds{5}}};
  CHECK_FALSE(commands->remove(one, told));
  reopen();
  CHECK(commands->feedback_count() == 1);
  CHECK(*commands->feedback(10) == std::vector<c2d_feedback>{told});
  CHECK(commands->feedback(1)->size() == 1);
  CHECK_FALSE(commands->forget_feedback({one.sequence}));
  CHECK(commands->feedback(10)->empty());
  CHECK(commands->feedback_count() == 0);
}

TEST_CASE_METHOD(fixture, "a damaged command is left out and counted",
                 "[c2d]") {
  add("a", "one");
  auto two = add("a", "two");
  {
    const auto open = db->enter();
    auto* const family = open->family(partition::commands);
    const std::string tail{"a\0\0\0\0\0\0\0\0\1", 10};
    REQUIRE(
      open->db->Put(database::synced(), family, 'r' + tail, "rubbish").ok());
  }
  std::size_t damaged = 0;
  const auto all = commands->records(damaged);
  REQUIRE(all);
  CHECK(*all == std::vector<c2d_record>{two});
  CHECK(damaged == 1);
}

TEST_CASE("a command's record reads back as it was written", "[c2d]") {
  rc::prop("round trip", [] {
    c2d_record made;
    made.device = "leaf";
    made.sequence = *rc::gen::arbitrary<std::uint64_t>();
    made.generation = *rc::gen::arbitrary<std::string>();
    made.message_id = *rc::gen::arbitrary<std::string>();
    made.enqueued = wall_time{
      std::chrono::milliseconds{*rc::gen::inRange<std::int64_t>(0, 1LL << 50)}};
    made.expires
      = *rc::gen::element(no_expiry, made.enqueued + std::chrono::seconds{1});
    made.ack = *rc::gen::element(c2d_ack::none, c2d_ack::full);
    made.delivery_count = *rc::gen::arbitrary<std::uint32_t>();
    made.size = *rc::gen::arbitrary<std::uint64_t>();
    const auto text = encode_c2d(made);
    RC_ASSERT(decode_c2d("leaf", made.sequence, text) == made);
    RC_ASSERT_FALSE(
      decode_c2d("leaf", made.sequence, text.substr(0, text.size() - 1))
        .has_value());
    const c2d_feedback told{made, c2d_fate::purged, made.enqueued};
    RC_ASSERT(decode_feedback(made.sequence, encode_feedback(told)) == told);
  });
}
