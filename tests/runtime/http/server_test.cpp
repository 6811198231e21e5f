#include "messages/ec.hpp"
#include "runtime/http/client.hpp"
#include "runtime/http/server.hpp"
#include "runtime/net/loop_fixture.hpp"
#include "runtime/net/raw_client.hpp"

#include <catch2/catch.hpp>
#include <filesystem>
#include <sys/stat.h>
#include <thread>

using namespace tidegate;
using namespace std::chrono_literals;

namespace {

struct serving : loop_fixture {
  listener_ptr door;
  http::server_options options;
  std::vector<http::request> seen;
  std::vector<http::responder> waiting;

  serving() { options.listen.address = "127.0.0.1"; }
  ~serving() {
    waiting.clear();
    if (door)
      door->stop();
    settle();
  }

  /// Starts a server whose requests pile up in `waiting`.
  void start() {
    auto opened
      = http::serve(loop, options,
                    [this](const http::request& asked, http::responder answer) {
                      seen.push_back(asked);
                      waiting.push_back(std::move(answer));
                    });
    REQUIRE(opened);
    door = *opened;
  }

  void answer_with(http::response answer) {
    REQUIRE(until([&] { return !waiting.empty(); }));
    waiting.back().send(std::move(answer));
    waiting.pop_back();
  }

  http::result fetch(http::call what) {
    std::optional<http::result> answer;
    http::endpoint server;
    server.host = "127.0.0.1";
    server.port = door->port();
    server.unix_path = options.listen.unix_path;
    http::fetch(loop.context(), server, std::move(what),
                [&](http::result got) { answer = std::move(got); });
    REQUIRE(until([&] {
      if (!answer && !waiting.empty())
        answer_with({200, "ok", "text/plain", {{"X-Seen", "yes"}}});
      return answer.has_value();
    }));
    return *answer;
  }

  std::string raw(std::string_view text, std::string_view until_text) {
    raw_client client{door->port()};
    client.send(text);
    CHECK(until([&] {
      client.receive();
      return client.ended || client.text.find(until_text) != std::string::npos;
    }));
    return client.text;
  }
};

std::string scratch_path(const char* name) {
  return (std::filesystem::temp_directory_path()
          / (std::string{name} + std::to_string(::getpid()) + ".sock"))
    .string();
}

} // namespace

TEST_CASE_METHOD(serving, "a request reaches its handler whole", "[http][io]") {
  start();
  http::call what;
  what.method = "POST";
  what.target = "/modules/a%20b/x?since=1%202&follow";
  what.body = std::string(500'000, 'b');
  what.headers = {{"X-Name", "value"}};
  const auto answer = fetch(what);
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(answer->body == "ok");
  CHECK(answer->content_type == "text/plain");
  CHECK(http::find_header(answer->headers, "x-seen") == "yes");
  const auto& asked = seen.at(0);
  CHECK(asked.method == "POST");
  CHECK(asked.path == "/modules/a%20b/x");
  CHECK(asked.query_value("since") == "1 2");
  CHECK(asked.query_value("follow") == "");
  CHECK_FALSE(asked.query_value("tail"));
  CHECK(http::find_header(asked.headers, "x-name") == "value");
  CHECK(asked.body == what.body);
  CHECK_FALSE(asked.process);
}

TEST_CASE_METHOD(serving, "a connection serves request after request",
                 "[http][io]") {
  start();
  raw_client client{door->port()};
  client.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: "
              "a\r\nConnection: close\r\n\r\n");
  answer_with({200, "first", "text/plain", {}});
  answer_with({200, "second", "text/plain", {}});
  REQUIRE(until([&] {
    client.receive();
    return client.ended;
  }));
  CHECK(client.text.find("first") < client.text.find("second"));
  CHECK(seen.size() == 2);
}

TEST_CASE_METHOD(serving, "a body whose end is in doubt is refused",
                 "[http][io]") {
  start();
  const auto answer_to
    = [&](const std::string& headers, const std::string& version = "1.1") {
        return raw("POST / HTTP/" + version + "\r\nHost: a\r\n" + headers
                     + "\r\nGET /hidden HTTP/1.1\r\nHost: a\r\n\r\n",
                   "}");
      };
  const std::string chunked = "Transfer-Encoding: chunked\r\n";
  for (const auto* coding :
       {"xchunked", "chunked, identity", "gzip, chunked", "chunked,", "\tx"}) {
    INFO(coding);
    CHECK(answer_to(std::string{"Transfer-Encoding: "} + coding + "\r\n")
            .starts_with("HTTP/1.1 501"));
  }
  for (const auto& twice :
       {"Transfer-Encoding: x\r\n" + chunked, chunked + "Content-Length: 0\r\n",
        std::string{"Transfer-Encoding: x\r\nContent-Length: 0\r\n"},
        "Content-Length: 0\r\n" + chunked}) {
    INFO(twice);
    const auto answer = answer_to(twice);
    CHECK((answer.starts_with("HTTP/1.1 501")
           || answer.starts_with("HTTP/1.1 400")));
  }
  CHECK(answer_to(chunked, "1.0").find(" 400") != std::string::npos);
  CHECK(seen.empty());
}

TEST_CASE_METHOD(serving, "a client that has no success is closed in time",
                 "[http][io]") {
  options.introduction_timeout = 100ms;
  start();
  raw_client client{door->port()};
  const auto began = std::chrono::steady_clock::now();
  /// Asks until the connection ends, or for a while.
  const auto ask_on = [&](unsigned status) {
    do {
      client.text.clear();
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      until([&] {
        client.receive();
        if (!waiting.empty())
          answer_with({status, "x", "text/plain", {}});
        return client.ended || client.text.ends_with("x");
      });
    } while (!client.ended && std::chrono::steady_clock::now() < began + 1s);
  };
  SECTION("however many requests it makes") { ask_on(401); }
  SECTION("or none") {
    until([&] {
      client.receive();
      return client.ended;
    });
  }
  SECTION("and stays when it had one") {
    ask_on(200);
    CHECK_FALSE(client.ended);
    return;
  }
  CHECK(client.ended);
  CHECK(std::chrono::steady_clock::now() < began + 1s);
}

TEST_CASE_METHOD(serving, "bodies of clients that nobody knows are bounded",
                 "[http][io]") {
  options.listen.memory = std::make_shared<stranger_memory>(
    nullptr, stranger_memory::bounds{100'000, 100'000});
  start();
  const auto head = [](std::size_t size) {
    return "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: "
           + std::to_string(size) + "\r\n\r\n";
  };
  raw_client first{door->port()};
  first.send(head(50'000));
  CHECK(until([&] { return options.listen.memory->charged() > 50'000; }));
  CHECK(raw(head(50'000), "}").starts_with("HTTP/1.1 503"));
  CHECK(
    raw("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "}")
      .starts_with("HTTP/1.1 503"));
  first.send(std::string(50'000, 'x'));
  answer_with({200, "ok", "text/plain", {}});
  CHECK(until([&] { return options.listen.memory->charged() == 0; }));
}

TEST_CASE_METHOD(serving, "HEAD is answered without a body", "[http][io]") {
  start();
  http::call what;
  what.method = "HEAD";
  const auto answer = fetch(what);
  REQUIRE(answer);
  CHECK(answer->body.empty());
  CHECK(http::find_header(answer->headers, "content-length") == "2");
}

TEST_CASE_METHOD(serving, "a body is asked for when the client waits",
                 "[http][io]") {
  start();
  raw_client client{door->port()};
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: "
              "100-continue\r\n\r\n");
  REQUIRE(until([&] {
    client.receive();
    return client.text == "HTTP/1.1 100 Continue\r\n\r\n";
  }));
  client.send("body");
  answer_with({});
  CHECK(seen.at(0).body == "body");
}

TEST_CASE_METHOD(serving, "bad requests are told what is wrong", "[http][io]") {
  options.header_limit = 1000;
  options.body_limit = 1000;
  options.body_timeout = 20ms;
  start();
  CHECK(raw("\x16\x03\x01 what is this\r\n\r\n", "message").substr(9, 3)
        == "400");
  CHECK(raw("GET nowhere HTTP/1.1\r\n\r\n", "message").substr(9, 3) == "400");
  CHECK(raw("GET / HTTP/1.1\r\nX: " + std::string(2000, 'x'), "message")
          .substr(9, 3)
        == "431");
  CHECK(raw("POST / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n", "message")
          .substr(9, 3)
        == "413");
  const auto late
    = raw("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nhalf", "message");
  CHECK(late.substr(9, 3) == "408");
  CHECK(late.find(R"({"message":"the body did not arrive in time"})")
        != std::string::npos);
  CHECK(seen.empty());
}

TEST_CASE_METHOD(serving, "a refusal arrives although the body was not read",
                 "[http][io]") {
  options.body_limit = 1000;
  start();
  const std::string body(2'000'000, 'b');
  raw_client client{door->port()};
  client.send("POST / HTTP/1.1\r\nContent-Length: 2000000\r\n\r\n");
  std::size_t sent = 0;
  REQUIRE(until([&] {
    sent += client.send(std::string_view{body}.substr(sent));
    return sent == body.size();
  }));
  client.end_writing();
  REQUIRE(until([&] {
    client.receive();
    return client.ended;
  }));
  CHECK(client.text.substr(9, 3) == "413");
}

TEST_CASE_METHOD(serving, "a connection without a request is closed in time",
                 "[http][io]") {
  options.idle_timeout = 20ms;
  options.header_timeout = 20ms;
  start();
  CHECK(raw("", "nothing").empty());
  CHECK(raw("GET / HT", "nothing").empty());
}

TEST_CASE_METHOD(serving, "a request is answered whatever its handler does",
                 "[http][io]") {
  SECTION("forgets it") {
    start();
    raw_client client{door->port()};
    client.send("GET / HTTP/1.1\r\n\r\n");
    REQUIRE(until([&] { return !waiting.empty(); }));
    waiting.clear();
    REQUIRE(until([&] {
      client.receive();
      return !client.text.empty();
    }));
    CHECK(client.text.substr(9, 3) == "500");
  }
  SECTION("takes too long") {
    options.answer_timeout = 20ms;
    start();
    CHECK(raw("GET / HTTP/1.1\r\n\r\n", "message").substr(9, 3) == "504");
  }
  SECTION("throws") {
    auto opened
      = http::serve(loop, options, [](const http::request&, http::responder) {
          throw std::runtime_error{"handler trouble"};
        });
    REQUIRE(opened);
    door = *opened;
    CHECK(raw("GET / HTTP/1.1\r\n\r\n", "message").substr(9, 3) == "500");
  }
}

TEST_CASE_METHOD(serving, "a peer that leaves early harms nobody",
                 "[http][io]") {
  start();
  {
    raw_client client{door->port()};
    client.send("GET / HTTP/1.1\r\n\r\n");
    REQUIRE(until([&] { return !waiting.empty(); }));
    client.reset();
  }
  waiting.back().send({});
  waiting.clear();
  CHECK(fetch({}));
}

TEST_CASE_METHOD(serving, "the connection limit bounds concurrent requests",
                 "[http][io]") {
  options.listen.connection_limit = 2;
  options.listen.strangers_share = 1;
  start();
  raw_client first{door->port()};
  raw_client second{door->port()};
  first.send("GET / HTTP/1.1\r\n\r\n");
  second.send("GET / HTTP/1.1\r\n\r\n");
  REQUIRE(until([&] { return waiting.size() == 2; }));
  CHECK(raw("GET / HTTP/1.1\r\n\r\n", "HTTP").empty());
}

TEST_CASE_METHOD(serving, "a body is streamed until its writer ends it",
                 "[http][io]") {
  start();
  raw_client client{door->port()};
  client.send("GET / HTTP/1.1\r\n\r\n");
  REQUIRE(until([&] { return !waiting.empty(); }));
  auto body = waiting.back().stream(200, "text/plain");
  CHECK(body->write("one") == http::flow::ready);
  REQUIRE(until([&] {
    client.receive();
    return client.text.find("3\r\none\r\n") != std::string::npos;
  }));
  CHECK(client.text.find("Transfer-Encoding: chunked") != std::string::npos);
  CHECK_FALSE(client.ended);
  body->write("twelve bytes");
  body.reset();
  REQUIRE(until([&] {
    client.receive();
    return client.ended;
  }));
  CHECK(client.text.find("c\r\ntwelve bytes\r\n0\r\n\r\n")
        != std::string::npos);
}

TEST_CASE_METHOD(serving, "a writer hears that its peer is gone",
                 "[http][io]") {
  start();
  raw_client client{door->port()};
  client.send("GET / HTTP/1.1\r\n\r\n");
  REQUIRE(until([&] { return !waiting.empty(); }));
  auto gone = false;
  http::stream_events events;
  events.closed = [&] { gone = true; };
  const auto body = waiting.back().stream(200, "text/plain", events);
  body->write("one");
  settle();
  SECTION("in the middle of it") { client.reset(); }
  SECTION("while there is nothing to write") { client.close(); }
  REQUIRE(until([&] { return gone; }));
  CHECK(body->write("two") == http::flow::closed);
}

TEST_CASE_METHOD(serving, "a writer waits for a slow peer", "[http][io]") {
  start();
  raw_client client{door->port()};
  client.send("GET / HTTP/1.1\r\n\r\n");
  REQUIRE(until([&] { return !waiting.empty(); }));
  auto ready = 0;
  auto gone = false;
  http::stream_events events;
  events.ready = [&] { ++ready; };
  events.closed = [&] { gone = true; };
  const auto body = waiting.back().stream(200, "text/plain", events);
  SECTION("and goes on when it is told to") {
    auto state = http::flow::ready;
    for (int i = 0; i < 200 && state == http::flow::ready; ++i) {
      settle();
      state = body->write(std::string(100'000, 'x'));
    }
    REQUIRE(state == http::flow::full);
    CHECK(ready == 0);
    CHECK(until([&] {
      client.receive();
      return ready == 1;
    }));
    CHECK(body->write("more") == http::flow::ready);
  }
  SECTION("or is cut off") {
    for (int i = 0; i < 200; ++i)
      body->write(std::string(100'000, 'x'));
    CHECK(until([&] { return gone; }));
  }
}

TEST_CASE_METHOD(serving, "a client follows a stream and stops when it likes",
                 "[http][io]") {
  start();
  http::endpoint server;
  server.host = "127.0.0.1";
  server.port = door->port();
  std::string got;
  std::atomic<bool> done = false;
  http::result head{caf::make_error(ec::unavailable, "none")};
  std::thread follower{[&] {
    head = http::follow(server, {}, [&](std::string_view piece) {
      got += piece;
      return got.size() < 10;
    });
    done = true;
  }};
  REQUIRE(until([&] { return !waiting.empty(); }));
  SECTION("in the middle of it") {
    auto gone = false;
    http::stream_events events;
    events.closed = [&] { gone = true; };
    const auto body = waiting.back().stream(200, "text/plain", events);
    body->write("12345");
    body->write("67890");
    CHECK(until([&] { return done && gone; }));
    CHECK(got == "1234567890");
  }
  SECTION("or to the end") {
    waiting.back().stream(200, "text/plain")->write("12345");
    CHECK(until([&] { return done.load(); }));
    CHECK(got == "12345");
  }
  SECTION("and gets an error whole") {
    waiting.back().send_error(404, "no such module");
    CHECK(until([&] { return done.load(); }));
    CHECK(got.empty());
    CHECK(head->status == 404);
    CHECK(head->body == R"({"message":"no such module"})");
  }
  follower.join();
}

TEST_CASE_METHOD(serving, "a unix socket is its owner's alone", "[http][io]") {
  options.listen.unix_path = scratch_path("tidegate-owner");
  start();
  struct stat file {};
  REQUIRE(::stat(options.listen.unix_path.c_str(), &file) == 0);
  CHECK((file.st_mode & 0777) == 0600);
  REQUIRE(fetch({}));
  REQUIRE(seen.at(0).process);
  CHECK(seen.at(0).process->pid == ::getpid());
  CHECK(seen.at(0).process->uid == ::getuid());
  door->stop();
  CHECK_FALSE(std::filesystem::exists(options.listen.unix_path));
}

TEST_CASE_METHOD(serving, "a unix socket replaces a dead one, never a live one",
                 "[http][io]") {
  options.listen.unix_path = scratch_path("tidegate-stale");
  start();
  const auto handle = [](const http::request&, const http::responder& answer) {
    answer.send({});
  };
  const auto second = http::serve(loop, options, handle);
  REQUIRE_FALSE(second);
  CHECK(to_string(second.error()).find("in use") != std::string::npos);
  const auto path = options.listen.unix_path;
  std::filesystem::rename(path, path + ".kept");
  door->stop();
  settle();
  std::filesystem::rename(path + ".kept", path);
  start();
  CHECK(fetch({}));
}

TEST_CASE_METHOD(serving, "what is in the way of a unix socket is named",
                 "[http][io]") {
  const auto path = scratch_path("tidegate-blocked");
  options.listen.unix_path = path;
  std::string expected = "can not listen on " + path + ": ";
  SECTION("a folder") {
    std::filesystem::create_directory(path);
    expected += "a folder is there";
  }
  SECTION("a file") {
    std::ofstream{path} << "not a socket";
    expected += "a file is there";
  }
  SECTION("a link that leads nowhere") {
    std::filesystem::create_symlink("/nowhere/at/all", path);
    expected += "a link is there";
  }
  const auto opened = http::serve(
    loop, options, [](const http::request&, const http::responder&) {});
  REQUIRE_FALSE(opened);
  CHECK(to_string(opened.error()).find(expected) != std::string::npos);
  std::filesystem::remove_all(path);
  start(); // which `serving` stops
  CHECK(fetch({}));
}

TEST_CASE_METHOD(serving, "a client says why there is no answer",
                 "[http][io]") {
  start();
  SECTION("in time") {
    http::call what;
    what.timeout = 20ms;
    what.target = "/slow";
    std::optional<http::result> answer;
    http::endpoint server;
    server.host = "127.0.0.1";
    server.port = door->port();
    http::fetch(loop.context(), server, what,
                [&](http::result got) { answer = std::move(got); });
    REQUIRE(until([&] { return answer.has_value(); }));
    REQUIRE_FALSE(*answer);
    CHECK(to_string(answer->error()).find("GET /slow at 127.0.0.1:")
          != std::string::npos);
  }
  SECTION("because nobody is there") {
    http::endpoint nobody;
    nobody.unix_path = scratch_path("tidegate-nobody");
    const auto answer = http::fetch(nobody, {});
    REQUIRE_FALSE(answer);
    CHECK(to_string(answer.error()).find("No such file") != std::string::npos);
  }
}

TEST_CASE_METHOD(serving, "a body that ends while it is sent is whole",
                 "[http][io]") {
  start();
  http::endpoint server;
  server.host = "127.0.0.1";
  server.port = door->port();
  for (int i = 0; i < 500; ++i) {
    std::optional<http::result> answer;
    http::fetch(loop.context(), server, {"GET", "/"},
                [&](http::result got) { answer = std::move(got); });
    REQUIRE(until([&] { return !waiting.empty(); }));
    const auto body = waiting.back().stream(200, "text/plain");
    waiting.pop_back();
    std::thread writer{[&] {
      for (int piece = 0; piece < 30; ++piece)
        body->write("x");
      body->finish();
    }};
    const auto came = until([&] { return answer.has_value(); });
    writer.join();
    REQUIRE(came);
    REQUIRE(*answer);
    REQUIRE((*answer)->body == std::string(30, 'x'));
  }
}

TEST_CASE_METHOD(serving, "whoever waits for an answer may leave",
                 "[net][io]") {
  start();
  bool gone = false;
  raw_client client{door->port()};
  client.send("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
  REQUIRE(until([&] { return waiting.size() == 1; }));
  const auto& answer = waiting.back();
  SECTION("which its handler hears") {
    answer.when_closed([&] { gone = true; });
    client.close();
    CHECK(until([&] { return gone; }));
  }
  SECTION("before its handler asks") {
    client.reset();
    answer.when_closed([&] { gone = true; });
    CHECK(until([&] { return gone; }));
  }
  SECTION("behind more than it may send") {
    answer.when_closed([&] { gone = true; });
    client.send(std::string(options.header_limit + 1, 'x'));
    CHECK(until([&] { return gone; }));
  }
  SECTION("and who does not is answered, and goes on") {
    answer.when_closed([&] { gone = true; });
    client.send("GET /y HTTP/1.1\r\nHost: h\r\n\r\n");
    answer_with({200, "first", "text/plain"});
    answer_with({200, "second", "text/plain"});
    CHECK(until([&] {
      client.receive();
      return client.text.find("second") != std::string::npos;
    }));
    CHECK(client.text.find("first") < client.text.find("second"));
    CHECK(seen[1].path == "/y");
    CHECK_FALSE(gone);
  }
}
