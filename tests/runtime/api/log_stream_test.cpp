#include "runtime/api/log_stream.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;

namespace {

/// Keeps what is streamed.
struct recorded_stream final : http::exchange {
  struct body final : http::body_stream {
    std::string text;
    bool finished = false;

    http::flow write(std::string piece) override {
      text += piece;
      return http::flow::ready;
    }
    void finish() override { finished = true; }
  };

  std::shared_ptr<body> made = std::make_shared<body>();
  http::response sent{0, {}};

  void send(http::response answer) override { sent = std::move(answer); }
  http::body_stream_ptr stream(unsigned, std::string,
                               http::stream_events) override {
    return made;
  }
};

constexpr std::int64_t time = 1'767'323'045'678'901; // 2026-01-02T03:04:05...

std::string written(log_format format, std::vector<log_line> lines) {
  const auto answer = std::make_shared<recorded_stream>();
  log_stream stream{http::responder{answer}, format};
  CHECK(stream.lines(std::move(lines)));
  stream.end({});
  CHECK(answer->made->finished);
  return answer->made->text;
}

const std::vector<log_line> some{{time, false, false, "one"},
                                 {time, true, true, "tw"},
                                 {time, true, false, "o"}};

} // namespace

TEST_CASE("log lines are text", "[log_stream]") {
  CHECK(written({}, some) == "one\ntwo\n");
}

TEST_CASE("log lines carry their time when asked to", "[log_stream]") {
  CHECK(written({.timestamps = true}, {some[0]})
        == "2026-01-02T03:04:05.678901000Z one\n");
}

TEST_CASE("log lines are framed as container engines do it", "[log_stream]") {
  using namespace std::string_literals;
  CHECK(written({.frames = true}, some)
        == "\1\0\0\0\0\0\0\4one\n"
           "\2\0\0\0\0\0\0\2tw"
           "\2\0\0\0\0\0\0\2o\n"s);
  const auto timed = written({.timestamps = true, .frames = true}, {some[0]});
  REQUIRE(timed.size() == 8 + 31 + 4);
  CHECK(timed[7] == 31 + 4);
}

TEST_CASE("a log that cannot be read is an error", "[log_stream]") {
  const auto answer = std::make_shared<recorded_stream>();
  log_stream{http::responder{answer}}.end("there is no module called x");
  CHECK(answer->sent.status == 404);
}
