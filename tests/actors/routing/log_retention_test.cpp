#include "actors/routing/log_retention.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

elapsed_time at(std::chrono::seconds since) { return elapsed_time{since}; }

} // namespace

TEST_CASE("what came after a mark is no older than it", "[log_retention]") {
  arrival_marks marks;
  marks.begin(100, at(0s));
  marks.note(150, at(10s), 10s);
  marks.note(160, at(15s), 10s); // too soon to be worth a mark
  marks.note(200, at(20s), 10s);
  CHECK(marks.arrived_by(at(-1h)) == 100);
  CHECK(marks.arrived_by(at(9s)) == 100);
  CHECK(marks.arrived_by(at(10s)) == 150);
  CHECK(marks.arrived_by(at(19s)) == 150);
  CHECK(marks.arrived_by(at(1h)) == 200);
}

TEST_CASE("no mark, no event that is old", "[log_retention]") {
  arrival_marks marks;
  marks.note(150, at(10s), 10s);
  CHECK(marks.arrived_by(at(1h)) == 0);
}

TEST_CASE("a clock that is put ahead is believed after an hour",
          "[log_retention]") {
  using wall = patient_clock::wall_time;
  patient_clock clock;
  CHECK(clock.look(wall{1000h}, at(0s)) == wall{1000h});
  CHECK(clock.look(wall{1000h + 65s}, at(60s)) == wall{1000h + 65s});
  CHECK(clock.look(wall{1024h}, at(120s)) == wall{1000h + 125s});
  SECTION("if it stays so") {
    CHECK(clock.look(wall{1025h}, at(119s + 1h)) < wall{1002h});
    CHECK(clock.look(wall{1025h}, at(120s + 1h)) == wall{1025h});
  }
  SECTION("not if it is put back meanwhile") {
    CHECK(clock.look(wall{1000h + 180s}, at(180s)) == wall{1000h + 180s});
    CHECK(clock.look(wall{1030h}, at(2h)) < wall{1003h});
  }
  SECTION("and one that is put back at once") {
    CHECK(clock.look(wall{5h}, at(180s)) == wall{5h});
  }
}

TEST_CASE("a notice comes at once, then now and again with a count",
          "[log_retention]") {
  drop_notice notice{10min};
  CHECK_FALSE(notice.add(0, at(0s)));
  CHECK(notice.add(5, at(0s)) == 5);
  CHECK_FALSE(notice.add(7, at(599s)));
  CHECK(notice.add(3, at(600s)) == 10);
  CHECK_FALSE(notice.add(1, at(601s)));
}
