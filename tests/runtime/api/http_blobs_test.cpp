#include "runtime/api/http_blobs.hpp"

#include "runtime/http/server.hpp"
#include "runtime/net/loop_fixture.hpp"
#include "runtime/net/scratch_certificates.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;

namespace {

/// A blob store on loopback, and somebody who puts blobs there.
struct blob_store : loop_fixture {
  scratch_certificates files;
  std::vector<http::request> seen;
  listener_ptr door;
  std::vector<blob_answered> answers;
  caf::actor asker = sys.spawn([this](caf::event_based_actor*) {
    return caf::behavior{
      [this](const blob_answered& answer) { answers.push_back(answer); }};
  });

  void open(std::shared_ptr<tls_server> tls) {
    http::server_options options;
    options.listen.address = "127.0.0.1";
    options.listen.tls = std::move(tls);
    auto opened
      = http::serve(loop, options,
                    [this](const http::request& asked, http::responder answer) {
                      seen.push_back(asked);
                      answer.send({201, {}});
                    });
    REQUIRE(opened);
    door = *opened;
  }

  ~blob_store() {
    if (door)
      door->stop();
    caf::anon_send_exit(asker, caf::exit_reason::user_shutdown);
    settle();
  }

  /// What came of a blob at `scheme://host:port/c/n?sig=a%2Bb`.
  blob_answered put(const std::string& scheme, const std::string& host) {
    http_blobs subject{loop, "localhost", files.client()};
    blob_request what;
    what.url = scheme + "://" + host + ':' + std::to_string(door->port())
               + "/c/n?sig=a%2Bb";
    what.headers = {{"x-ms-blob-type", "BlockBlob"}};
    what.body = own("content");
    subject.put(std::move(what), 7, asker);
    REQUIRE(until([&] { return !answers.empty(); }));
    CHECK(answers.back().ticket == 7);
    return answers.back();
  }
};

} // namespace

TEST_CASE_METHOD(blob_store, "blobs are put by HTTPS", "[net][io]") {
  open(files.server());
  SECTION("where the parent's certificate is trusted") {
    CHECK(put("https", "localhost").status == 201);
    REQUIRE(seen.size() == 1);
    CHECK(seen[0].method == "PUT");
    CHECK(seen[0].path == "/c/n");
    CHECK(seen[0].query_value("sig") == "a+b");
    CHECK(http::find_header(seen[0].headers, "x-ms-blob-type") == "BlockBlob");
    CHECK(seen[0].body == "content");
  }
  SECTION("and not elsewhere, without telling the signature") {
    const auto answer = put("https", "127.0.0.1");
    CHECK(answer.status == 0);
    CHECK(answer.problem == "127.0.0.1 cannot be reached");
    CHECK(seen.empty());
  }
}

TEST_CASE_METHOD(blob_store, "blobs are put by HTTP where that is asked for",
                 "[net][io]") {
  open(nullptr);
  CHECK(put("http", "127.0.0.1").status == 201);
  answers.clear();
  const auto answer = put("ftp", "127.0.0.1");
  CHECK(answer.status == 400);
  CHECK(answer.problem.find("a%2Bb") == std::string::npos);
}
