#include "runtime/engines/docker/container_facts.hpp"
#include "runtime/engines/docker/container_notes.hpp"
#include "runtime/engines/docker/container_usage.hpp"
#include "runtime/engines/docker/engine_time.hpp"
#include "runtime/engines/docker/json_stream.hpp"
#include "runtime/engines/docker/log_frames.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using namespace tidegate;
using namespace tidegate::docker;

namespace {

std::vector<std::string> values(json_stream& in, std::string_view text) {
  std::vector<std::string> all;
  in.feed(text, [&](const boost::json::value& value) {
    all.push_back(boost::json::serialize(value));
  });
  return all;
}

using texts = std::vector<std::string>;

} // namespace

TEST_CASE("JSON values are told apart", "[docker]") {
  json_stream in;
  CHECK(values(in, R"( {"a":1}
    {"b":[2]}{"c")")
        == texts{R"({"a":1})", R"({"b":[2]})"});
  CHECK(values(in, ":3}\r\n") == texts{R"({"c":3})"});
  SECTION("until one is none") {
    CHECK(values(in, "{}x") == texts{"{}"});
    CHECK(values(in, "{}").empty());
  }
  SECTION("until one is too long") {
    CHECK(
      values(in, "{\"d\":\"" + std::string(json_stream::longest, 'x')).empty());
    CHECK(values(in, "\"}").empty());
  }
}

TEST_CASE("a frame that cannot be one ends the log", "[docker]") {
  log_frames frames{true};
  std::vector<log_line> lines;
  SECTION("by its stream") {
    CHECK_FALSE(frames.feed(std::string_view{"\7\0\0\0\0\0\0\1x", 9}, lines));
  }
  SECTION("by its length") {
    CHECK_FALSE(frames.feed(std::string_view{"\1\0\0\0\x7f\0\0\1x", 9}, lines));
  }
  CHECK(lines.empty());
  CHECK_FALSE(frames.feed("more", lines));
}

TEST_CASE("the output of a terminal is lines without frames", "[docker]") {
  log_frames frames{false};
  std::vector<log_line> lines;
  frames.feed("2026-01-02T03:04:05.000002Z one\r\nno ti", lines);
  frames.feed("me", lines);
  REQUIRE(lines.size() == 1);
  CHECK(lines.at(0).text == "one");
  CHECK(lines.at(0).time == 1'767'323'045'000'002);
  frames.finish(lines);
  REQUIRE(lines.size() == 2);
  CHECK(lines.at(1).text == "no time");
  CHECK(lines.at(1).partial);
  lines.clear();
  frames.feed(std::string(log_frames::longest + 1, 'x'), lines);
  CHECK(lines.size() == 1);
}

TEST_CASE("an engine's times are read and written", "[docker]") {
  CHECK(parse_engine_time("1970-01-01T00:00:01.5Z") == 1'500'000);
  CHECK(parse_engine_time("1970-01-01T00:00:01.123456789+00:00") == 1'123'456);
  CHECK_FALSE(parse_engine_time("yesterday"));
  CHECK(engine_time(1'500) == "1.500000000");
}

TEST_CASE("what a container uses is read", "[docker]") {
  const auto used = read_container_usage("m", boost::json::parse(R"({
    "cpu_stats":{"cpu_usage":{"total_usage":2500000000}},
    "memory_stats":{"usage":1000,"limit":4096,"stats":{"total_inactive_file":300}},
    "pids_stats":{"current":7},
    "blkio_stats":{"io_service_bytes_recursive":[{"op":"Read","value":5},
      {"op":"write","value":6},{"op":"Total","value":11}]},
    "networks":{"eth0":{"rx_bytes":1,"tx_bytes":2},"eth1":{"rx_bytes":10}}})"),
                                         8192);
  CHECK(used.processor == std::chrono::milliseconds{2500});
  CHECK(used.memory == 700);
  CHECK(used.memory_limit == 4096);
  CHECK(used.processes == 7);
  CHECK(used.disk_read == 5);
  CHECK(used.disk_written == 6);
  CHECK(used.has_network);
  CHECK(used.network_received == 11);
  CHECK(used.network_sent == 2);
  const auto none = read_container_usage("m", boost::json::parse(R"({
    "memory_stats":{"usage":1,"limit":18446744073709551615,
    "stats":{"inactive_file":5}},"cpu_stats":null})"),
                                         8192);
  CHECK(none.memory == 0);
  CHECK(none.memory_limit == 0);
  CHECK_FALSE(none.has_network);
}

TEST_CASE("notes on a container are kept", "[docker]") {
  container_notes notes;
  notes.id = "abc";
  notes.told_to_stop = true;
  notes.restarts = {1, 2, 3, true};
  notes.memo = "line\n\"quoted\"";
  CHECK(decode_notes(encode(notes)) == notes);
  CHECK_FALSE(decode_notes("{}"));
  CHECK_FALSE(decode_notes(R"({"id":"a","attempts":-1,"restarts":0})"));
  CHECK_FALSE(decode_notes("nonsense"));
}

TEST_CASE("what an engine says of a container is read with care", "[docker]") {
  CHECK_FALSE(read_container(boost::json::parse("[]")));
  CHECK_FALSE(read_container(boost::json::parse(R"({"Id":1,"Name":"/m"})")));
  const auto facts = read_container(
    boost::json::parse(R"({"Id":"i","Name":"/m","State":7,"Config":null})"));
  REQUIRE(facts);
  CHECK(facts->name == "m");
  CHECK_FALSE(facts->owned);
  CHECK_FALSE(facts->running);
  CHECK_FALSE(end_of(*facts, false));
}
