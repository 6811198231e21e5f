#include "actors/methods/pending_calls.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using namespace std::chrono_literals;
using admission = pending_calls::admission;
using rids = std::vector<std::string>;

namespace {

const identity_id leaf{"leaf", ""};

struct fixture {
  method_limits limits{3, 2, 3s};
  pending_calls calls{limits};
  pending_calls::time start{};
  method_caller from{method_caller::kind::operator_, {}};
  std::string payload;

  admission add(const std::string& rid, std::chrono::milliseconds connect = 0s,
                const identity_id& target = leaf) {
    invoke_method wish;
    wish.target = target;
    wish.connect_timeout = connect;
    wish.response_timeout = 30s;
    wish.from = from;
    wish.payload = own(payload);
    return calls.add(rid, wish, start);
  }

  rids subscribe(std::uint64_t session, bool takes_calls,
                 std::chrono::milliseconds after = 0s) {
    return calls.set_client(leaf, session, takes_calls, start + after);
  }
};

} // namespace

TEST_CASE_METHOD(fixture, "a call goes to a client that takes calls",
                 "[methods]") {
  CHECK(add("r1") == admission::absent);
  subscribe(7, false);
  CHECK(add("r1") == admission::absent);
  subscribe(7, true);
  CHECK(add("r1") == admission::deliver);
  CHECK(calls.size() == 1);
}

TEST_CASE_METHOD(fixture, "an answer is matched without case", "[methods]") {
  subscribe(7, true);
  add("AB-cd");
  SECTION("and ends its call") {
    CHECK(calls.answer(leaf, "ab-CD") == "AB-cd");
    CHECK_FALSE(calls.answer(leaf, "ab-CD"));
    CHECK_FALSE(calls.next_due());
  }
  SECTION("but only from the client that was called") {
    CHECK_FALSE(calls.answer({"other", ""}, "AB-cd"));
    CHECK(calls.size() == 1);
  }
}

TEST_CASE_METHOD(fixture, "a silent client's call ends in time", "[methods]") {
  subscribe(7, true);
  add("r1");
  CHECK(calls.next_due() == start + 30s);
  CHECK(calls.take_due(start + 29s).silent.empty());
  CHECK(calls.take_due(start + 30s).silent == rids{"r1"});
  CHECK_FALSE(calls.answer(leaf, "r1"));
}

TEST_CASE_METHOD(fixture, "a call waits for its target", "[methods]") {
  CHECK(add("r1", 10s) == admission::wait);
  CHECK_FALSE(calls.answer(leaf, "r1"));
  SECTION("as long as its caller said") {
    CHECK(calls.take_due(start + 10s).absent == rids{"r1"});
    CHECK(calls.size() == 0);
  }
  SECTION("and goes out 3 s after the target subscribed") {
    subscribe(7, true, 9s);
    CHECK(calls.take_due(start + 11s).deliver.empty());
    CHECK(calls.take_due(start + 12s).deliver == rids{"r1"});
    CHECK(calls.next_due() == start + 42s);
    CHECK(calls.answer(leaf, "r1"));
  }
  SECTION("again, when the target goes before that") {
    subscribe(7, true, 1s);
    subscribe(0, false, 2s);
    CHECK(calls.take_due(start + 4s).deliver.empty());
    subscribe(8, true, 5s);
    CHECK(calls.take_due(start + 8s).deliver == rids{"r1"});
  }
  SECTION("while a call that comes later need not") {
    subscribe(7, true, 1s);
    CHECK(add("r2") == admission::deliver);
  }
}

TEST_CASE_METHOD(fixture, "a session that ends takes its calls along",
                 "[methods]") {
  subscribe(7, true);
  add("r1");
  SECTION("when the client is gone") {
    CHECK(subscribe(0, false) == rids{"r1"});
  }
  SECTION("when the client is back on another one") {
    CHECK(subscribe(8, true) == rids{"r1"});
  }
  SECTION("but not when the client only unsubscribes") {
    CHECK(subscribe(7, false).empty());
    CHECK(calls.answer(leaf, "r1"));
  }
}

TEST_CASE_METHOD(fixture, "calls under way are bounded", "[methods]") {
  subscribe(7, true);
  CHECK(add("r1") == admission::deliver);
  CHECK(add("r2") == admission::deliver);
  SECTION("per target") {
    CHECK(add("r3") == admission::crowded);
    CHECK(add("r3", 1s, {"other", ""}) == admission::wait);
  }
  SECTION("altogether") {
    CHECK(add("r3", 1s, {"other", ""}) == admission::wait);
    CHECK(add("r4", 1s, {"third", ""}) == admission::crowded);
  }
  SECTION("until they end") {
    calls.answer(leaf, "r1");
    CHECK(add("r3") == admission::deliver);
  }
  SECTION("also by their client's end") {
    subscribe(0, false);
    subscribe(8, true);
    CHECK(add("r3") == admission::deliver);
    CHECK(add("r4") == admission::deliver);
  }
}

namespace {

/// Where there is room for 40 calls, and 4 of one module.
struct modules_fixture : fixture {
  modules_fixture() {
    limits = {40, 20, 3s, 4, 6, 1000, 300, 200};
    calls = pending_calls{limits};
    subscribe(7, true);
  }

  admission by(const std::string& module, const std::string& rid,
               std::chrono::milliseconds connect = 0s) {
    from = {method_caller::kind::module, {"edge-1", module}};
    return add(rid, connect);
  }
};

} // namespace

TEST_CASE_METHOD(modules_fixture, "a module does not take everybody's calls",
                 "[methods]") {
  for (const char* rid : {"a1", "a2", "a3", "a4"})
    CHECK(by("a", rid) == admission::deliver);
  CHECK(by("a", "a5") == admission::crowded);
  CHECK(by("a", "a5", 300s) == admission::crowded);
  SECTION("and neither do all modules") {
    CHECK(by("b", "b1") == admission::deliver);
    CHECK(by("b", "b2") == admission::deliver);
    CHECK(by("c", "c1") == admission::crowded);
    from = {method_caller::kind::parent, {}};
    CHECK(add("p1") == admission::deliver);
  }
  SECTION("until they end") {
    calls.answer(leaf, "a1");
    CHECK(by("a", "a5") == admission::deliver);
    subscribe(8, true);
    CHECK(by("a", "a6") == admission::deliver);
  }
}

TEST_CASE_METHOD(modules_fixture, "the bytes of calls are bounded too",
                 "[methods]") {
  payload = std::string(150, 'x');
  CHECK(by("a", "a1") == admission::deliver);
  CHECK(by("a", "a2") == admission::crowded);
  CHECK(by("b", "b1") == admission::deliver);
  CHECK(by("c", "c1") == admission::crowded);
  from = {method_caller::kind::parent, {}};
  for (const char* rid : {"p1", "p2", "p3", "p4"})
    CHECK(add(rid) == admission::deliver);
  CHECK(add("p5") == admission::crowded);
  calls.answer(leaf, "a1");
  CHECK(add("p5") == admission::deliver);
}

TEST_CASE_METHOD(modules_fixture, "the operator always finds a place",
                 "[methods]") {
  limits.calls_of_target = 100;
  calls = pending_calls{limits};
  subscribe(7, true);
  from = {method_caller::kind::service, {}};
  int taken = 0;
  while (add("s" + std::to_string(taken)) == admission::deliver)
    ++taken;
  CHECK(taken == 38);
  from = {method_caller::kind::operator_, {}};
  CHECK(add("o1") == admission::deliver);
}

TEST_CASE_METHOD(modules_fixture, "what a caller leaves is over", "[methods]") {
  SECTION("where it waits for its target") {
    CHECK(by("a", "a1") == admission::deliver);
    subscribe(0, false);
    for (const char* rid : {"a2", "a3", "a4", "a5"})
      by("a", rid, 300s);
    CHECK(calls.size() == 4);
    CHECK(calls.abandon("A2"));
    CHECK_FALSE(calls.abandon("a2"));
    CHECK(calls.size() == 3);
    CHECK(by("a", "a6", 300s) == admission::wait);
  }
  SECTION("where its target works, but for the module's own count") {
    for (const char* rid : {"a1", "a2", "a3", "a4"})
      by("a", rid);
    for (const char* rid : {"a1", "a2", "a3", "a4"})
      CHECK(calls.abandon(rid));
    CHECK(calls.size() == 0);
    CHECK(by("a", "a5") == admission::crowded);
    CHECK_FALSE(calls.answer(leaf, "a1"));
    CHECK(by("a", "a5") == admission::deliver);
    CHECK(calls.next_due() == start + 30s);
    CHECK(calls.take_due(start + 30s).silent == rids{"a5"});
    for (const char* rid : {"a6", "a7", "a8", "a9"})
      CHECK(by("a", rid) == admission::deliver);
    for (const char* rid : {"a6", "a7", "a8", "a9"})
      calls.abandon(rid);
    subscribe(8, true); // nobody works on them any more
    CHECK(by("a", "b1") == admission::deliver);
  }
  SECTION("at once when it is no module") {
    for (const char* rid : {"o1", "o2"}) {
      CHECK(add(rid) == admission::deliver);
      CHECK(calls.abandon(rid));
    }
    CHECK_FALSE(calls.next_due());
  }
}
