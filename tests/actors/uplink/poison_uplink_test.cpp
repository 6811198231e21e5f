// A message over which the parent ends every connection, or every link.

#include "actors/uplink/broker_fixture.hpp"
#include "actors/uplink/uplink_fixture.hpp"

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

using texts = std::vector<std::string>;
constexpr auto done = delivery_result::done;
constexpr auto poison = delivery_result::poison;

const identity_id leaf{"leaf-9", {}};
const identity_id pump{"edge-1", "pump"};

double given_up(const std::shared_ptr<metrics>& meters, const char* reason) {
  return meters
    ->counter(
      "tidegate_uplink_given_up_total",
      "Messages that the parent would never take and that are given up.",
      {{"reason", reason}})
    .Value();
}

/// The route's part: whenever there is a new session it is given everything
/// that has no answer. Returns after `limit` sessions at the latest.
template <class Fixture, class Open, class Give>
std::size_t play(Fixture& world, std::size_t limit, Open is_open, Give give) {
  std::size_t sessions = 0;
  std::size_t seen = 0;
  for (int i = 0; i < 3000 && sessions < limit && is_open(); ++i) {
    if (world.ready.size() > seen) {
      seen = world.ready.size();
      ++sessions;
      give();
    }
    world.pass(1s);
  }
  return sessions;
}

struct at_broker : uplink_tests::broker_fixture {
  texts payloads{"1", "2", "deadly", "4", "5"};

  std::size_t play(std::size_t limit = 100) {
    return ::play(
      *this, limit, [&] { return results.size() < payloads.size(); },
      [&] {
        std::size_t from = 0;
        while (results.contains(from))
          ++from;
        give({payloads.begin() + static_cast<std::ptrdiff_t>(from),
              payloads.end()},
             from);
      });
  }
};

struct at_hub : uplink_tests::uplink_fixture {
  std::vector<std::pair<identity_id, std::string>> messages{
    {leaf, "1"}, {pump, "2"}, {leaf, "deadly"}, {leaf, "4"}, {pump, "5"}};

  std::size_t play(std::size_t limit = 100) {
    return ::play(
      *this, limit, [&] { return results().size() < messages.size(); },
      [&] {
        const auto known = results();
        std::size_t from = 0;
        while (known.contains(from))
          ++from;
        give({messages.begin() + static_cast<std::ptrdiff_t>(from),
              messages.end()},
             from);
      });
  }
};

constexpr auto sessions_until_given_up
  = poison_watch::ends_until_trial + poison_watch::trials_until_given_up + 1;

} // namespace

TEST_CASE_METHOD(at_broker,
                 "a message over which a broker ends connections is given up, "
                 "the others are not",
                 "[uplink][broker][poison]") {
  broker->deadly = "deadly";
  start();
  CHECK(play() == sessions_until_given_up);
  CHECK(results
        == std::map<std::uint64_t, delivery_result>{
          {0, done}, {1, done}, {2, poison}, {3, done}, {4, done}});
  CHECK(given_up(meters, "ends_connections") == 1);
  CHECK(status().state == connectivity::state::connected);
}

TEST_CASE_METHOD(at_broker,
                 "nothing is given up when a broker ends connections over "
                 "everything",
                 "[uplink][broker][poison]") {
  broker->deadly = "";
  start();
  play(60);
  CHECK(results.empty());
  SECTION("and all of it goes up when that is over") {
    broker->deadly.reset();
    play();
    CHECK(results.size() == payloads.size());
    for (const auto& [offset, result] : results)
      CHECK(result == done);
  }
}

TEST_CASE_METHOD(at_broker,
                 "nothing is given up when a broker acknowledges nothing",
                 "[uplink][broker][poison]") {
  broker->silent = true;
  start();
  play(30);
  CHECK(results.empty());
}

TEST_CASE_METHOD(at_broker,
                 "connections that are cut at random cost no message",
                 "[uplink][broker][poison]") {
  payloads.clear();
  for (int i = 0; i < 400; ++i)
    payloads.push_back(std::to_string(i));
  start();
  std::minstd_rand dice{GENERATE(1u, 2u, 3u)};
  // Nearly every connection is cut before anything is acknowledged.
  for (int i = 0; i < 500 && results.size() < payloads.size(); ++i) {
    broker->silent = dice() % 4 != 0;
    broker->takes = -1;
    play(1);
    broker->unanswered.clear();
    if (broker->open)
      broker->cut();
    run();
    pass(61s);
  }
  for (const auto& [offset, result] : results)
    CHECK(result == done);
  CHECK(given_up(meters, "ends_connections") == 0);
}

TEST_CASE_METHOD(at_hub,
                 "a message over which connections to a hub end is given up, "
                 "the others are not",
                 "[uplink][poison]") {
  deadly = "deadly";
  start();
  play();
  CHECK(results()
        == std::map<std::uint64_t, delivery_result>{
          {0, done}, {1, done}, {2, poison}, {3, done}, {4, done}});
  CHECK(given_up(meters, "ends_connections") == 1);
  CHECK(status().state == connectivity::state::connected);
}

TEST_CASE_METHOD(at_hub, "in a batch the deadly message is found",
                 "[uplink][poison]") {
  messages.clear();
  for (int i = 0; i < 300; ++i)
    messages.emplace_back(leaf, "message " + std::to_string(i));
  messages[222].second = "deadly";
  deadly = "deadly";
  start();
  play();
  const auto all = results();
  REQUIRE(all.size() == messages.size());
  for (const auto& [offset, result] : all)
    CHECK(result == (offset == 222 ? poison : done));
}

TEST_CASE_METHOD(at_hub, "a hub that ends every connection loses nothing",
                 "[uplink][poison]") {
  deadly = "";
  start();
  deadly.reset();
  pass(61s);
  messages = {{leaf, "deadly 1"}, {leaf, "deadly 2"}, {pump, "deadly 3"}};
  deadly = "deadly";
  play(60);
  CHECK(results().empty());
}
