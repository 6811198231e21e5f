#include "runtime/engines/log_file.hpp"
#include "runtime/engines/log_parts.hpp"
#include "runtime/engines/log_reader.hpp"
#include "runtime/engines/log_record.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>

using namespace tidegate;

namespace {

struct collector : log_sink {
  std::vector<log_line> all;
  bool ended = false;
  std::size_t enough = 1'000'000;

  bool lines(std::vector<log_line> batch) override {
    all.insert(all.end(), batch.begin(), batch.end());
    return all.size() < enough;
  }
  void end(const std::string&) override { ended = true; }

  std::string text() const {
    std::string joined;
    for (const auto& line : all)
      joined += line.text + (line.partial ? "" : "\n");
    return joined;
  }
};

struct log_fixture {
  temporary_folder folder;
  boost::asio::io_context context;
  std::filesystem::path path = folder.path() / "log";

  std::shared_ptr<collector> read(log_query query = {}) {
    auto sink = std::make_shared<collector>();
    read_log(context, path, query, sink);
    if (!query.follow) {
      context.run();
      context.restart();
      CHECK(sink->ended);
    }
    return sink;
  }
};

} // namespace

TEST_CASE("a log record is read as it was written", "[engines]") {
  std::string text;
  append_record(text, 1'767'323'045'678'901, true, false, "pump is dry");
  CHECK(text == "2026-01-02T03:04:05.678901Z stderr F pump is dry\n");
  text.pop_back();
  const auto line = parse_record(text);
  REQUIRE(line);
  CHECK(line->time == 1'767'323'045'678'901);
  CHECK(line->error);
  CHECK_FALSE(line->partial);
  CHECK(line->text == "pump is dry");
  CHECK_FALSE(parse_record("2026-01-02T03:04:05Z stderr F x"));
  CHECK_FALSE(parse_record("2026-13-02T03:04:05.678901Z stderr F x"));
  CHECK_FALSE(parse_record(""));
}

TEST_CASE_METHOD(log_fixture, "what a module writes comes back line by line",
                 "[engines][io]") {
  {
    log_file log{path, 1'000'000, 3};
    log.take(log_stream::out, "one\ntw");
    log.take(log_stream::error, "oops\n");
    log.take(log_stream::out, "o\nthree");
    log.finish();
  }
  const auto seen = read();
  REQUIRE(seen->all.size() == 4);
  CHECK(seen->text() == "one\noops\ntwo\nthree\n");
  CHECK(seen->all[1].error);
  SECTION("or only the last lines") {
    log_query query;
    query.tail = 2;
    CHECK(read(query)->text() == "two\nthree\n");
    query.tail = 0;
    CHECK(read(query)->all.empty());
  }
  SECTION("or only those of a time") {
    log_query query;
    query.since = seen->all[0].time / 1000 + 1'000'000;
    CHECK(read(query)->all.empty());
    query.since.reset();
    query.until = seen->all[0].time / 1000;
    CHECK(read(query)->all.empty());
  }
}

TEST_CASE_METHOD(log_fixture, "a line that never ends is cut",
                 "[engines][io]") {
  {
    log_file log{path, 1'000'000, 3};
    log.take(log_stream::out, std::string(longest_log_line + 1, 'x') + '\n');
    log.finish();
  }
  const auto seen = read();
  REQUIRE(seen->all.size() == 2);
  CHECK(seen->all[0].text.size() == longest_log_line);
  CHECK(seen->all[0].partial);
  CHECK(seen->all[1].text == "x");
}

TEST_CASE_METHOD(log_fixture, "any output survives being cut into records",
                 "[engines][io]") {
  CHECK(rc::check([this] {
    std::filesystem::remove(path);
    std::string all;
    {
      log_file log{path, 100'000'000, 1};
      for (int i = *rc::gen::inRange(1, 6); i > 0; --i) {
        std::string part(static_cast<std::size_t>(*rc::gen::inRange(0, 40'000)),
                         'x');
        if (*rc::gen::arbitrary<bool>())
          part += '\n';
        log.take(log_stream::out, part);
        all += part;
      }
      log.finish();
    }
    if (!all.empty() && all.back() != '\n')
      all += '\n';
    RC_ASSERT(read()->text() == all);
  }));
}

TEST_CASE_METHOD(log_fixture, "a log keeps its newest parts and its size",
                 "[engines][io]") {
  {
    log_file log{path, 1000, 3};
    for (int i = 0; i < 200; ++i)
      log.take(log_stream::out, "line " + std::to_string(i) + "\n");
  }
  CHECK(std::filesystem::exists(folder.path() / "log.2"));
  CHECK_FALSE(std::filesystem::exists(folder.path() / "log.3"));
  CHECK(std::filesystem::file_size(folder.path() / "log.1") < 1100);
  const auto text = read()->text();
  CHECK(text.ends_with("line 198\nline 199\n"));
  CHECK(text.find("line 0\n") == std::string::npos);
}

TEST_CASE_METHOD(log_fixture, "following goes over a rotation without loss",
                 "[engines][io]") {
  log_file log{path, 300, 3};
  log.take(log_stream::out, "first\n");
  log_query query;
  query.follow = true;
  const auto sink = read(query);
  sink->enough = 21;
  for (int i = 0; i < 20; ++i) {
    log.take(log_stream::out, "line " + std::to_string(i) + "\n");
    if (i % 5 == 4)
      context.run_for(std::chrono::milliseconds{250});
  }
  context.run_for(std::chrono::seconds{2});
  CHECK(sink->all.size() == 21);
  CHECK(sink->text().ends_with("line 18\nline 19\n"));
}

TEST_CASE_METHOD(log_fixture,
                 "following misses nothing, however fast a log is rotated",
                 "[engines][io]") {
  const auto files = GENERATE(1u, 3u);
  log_file log{path, 300, files};
  log.take(log_stream::out, "first\n");
  log_query query;
  query.follow = true;
  const auto sink = read(query);
  context.run_for(std::chrono::milliseconds{50});
  std::string all = "first\n";
  for (int i = 0; i < 2000; ++i) { // hundreds of rotations, and no look
    const auto line = "line " + std::to_string(i) + "\n";
    log.take(log_stream::out, line);
    all += line;
  }
  sink->enough = 2001;
  context.run_for(std::chrono::seconds{5});
  CHECK(sink->text() == all);
  // What was kept for the one who followed is not kept for ever.
  context.stop();
  CHECK(numbered_parts(path).size() == files - 1);
}

TEST_CASE_METHOD(log_fixture, "lines that could not stay are missed aloud",
                 "[engines][io]") {
  log_file log{path, 100, 2};
  log_query query;
  query.follow = true;
  const auto sink = read(query);
  for (int i = 0; i < 30; ++i) {
    log.take(log_stream::out, "line " + std::to_string(i) + "\n");
    if (i == 0)
      context.run_for(std::chrono::milliseconds{50});
  }
  const auto parts = numbered_parts(path);
  REQUIRE(parts.size() > 2);
  std::filesystem::remove(parts[1].file);
  context.run_for(std::chrono::milliseconds{500});
  CHECK(sink->text().find("[lines are missing") != std::string::npos);
  CHECK(sink->text().ends_with("line 29\n"));
}

TEST_CASE_METHOD(log_fixture, "a prompt is a piece of the line it belongs to",
                 "[engines][io]") {
  log_file log{path, 1'000'000, 3};
  log.take(log_stream::out, "before\nname? ");
  CHECK(read()->text() == "before\n");
  CHECK(log.has_unended());
  log.show_unended();
  CHECK_FALSE(log.has_unended());
  CHECK(read()->text() == "before\nname? ");
  log_query last;
  SECTION("which goes on") {
    log.take(log_stream::error, "waiting\n");
    log.take(log_stream::out, "pump\nafter\n");
    const auto seen = read();
    REQUIRE(seen->all.size() == 5);
    CHECK(seen->all[1].partial);
    CHECK(seen->all[3].text == "pump");
    SECTION("and is counted as one") {
      last.tail = 3;
      CHECK(read(last)->all.size() == 4);
      last.tail = 2;
      CHECK(read(last)->text() == "waiting\npump\nafter\n");
    }
  }
  SECTION("or ends with its module") {
    log.finish();
    CHECK(read()->text() == "before\nname? \n");
  }
}
