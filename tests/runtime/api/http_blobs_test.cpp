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
  upload_rules rules;
  http::response store_says{201, {}};
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
                      answer.send(store_says);
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
    http_blobs subject{loop, "localhost", files.client(), rules};
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
    rules.networks = {*ip_network::parse("127.0.0.0/8")};
    const auto answer = put("https", "127.0.0.1");
    CHECK(answer.status == 0);
    CHECK(answer.problem == "127.0.0.1 cannot be reached");
    CHECK(seen.empty());
  }
}

TEST_CASE_METHOD(blob_store, "blobs are put by HTTP where that is asked for",
                 "[net][io]") {
  open(nullptr);
  rules = {true, {*ip_network::parse("127.0.0.1")}};
  CHECK(put("http", "127.0.0.1").status == 201);
  answers.clear();
  const auto answer = put("ftp", "127.0.0.1");
  CHECK(answer.status == 400);
  CHECK(answer.problem.find("a%2Bb") == std::string::npos);
}

TEST_CASE_METHOD(blob_store, "nothing goes out unencrypted unless configured",
                 "[net][io]") {
  open(nullptr);
  rules.networks = {*ip_network::parse("127.0.0.1")};
  const auto answer = put("http", "127.0.0.1");
  CHECK(answer.status == 400);
  CHECK(answer.problem.find("node.upload_plain_http") != std::string::npos);
  CHECK(seen.empty());
}

TEST_CASE_METHOD(blob_store, "nothing goes to an address of the node's side",
                 "[net][io]") {
  open(nullptr);
  rules.plain_http = true;
  // Names, and ways to write an address, are judged by what they come to.
  for (const char* host : {"127.0.0.1", "localhost", "2130706433", "0x7f.1",
                           "[::1]", "[::ffff:127.0.0.1]", "0"}) {
    INFO(host);
    answers.clear();
    const auto answer = put("http", host);
    CHECK(answer.status == 400);
    CHECK(answer.problem.find("node.upload_networks") != std::string::npos);
    CHECK(answer.problem.find("sig") == std::string::npos);
  }
  CHECK(seen.empty());
}

TEST_CASE_METHOD(blob_store, "an upload follows no redirect", "[net][io]") {
  open(nullptr);
  rules = {true, {*ip_network::parse("127.0.0.1")}};
  store_says = {302, {}};
  store_says.headers
    = {{"Location", "http://127.0.0.1:" + std::to_string(door->port()) + "/x"}};
  CHECK(put("http", "127.0.0.1").status == 302);
  CHECK(seen.size() == 1);
}
