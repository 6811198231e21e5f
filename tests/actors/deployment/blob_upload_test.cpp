#include "actors/deployment/agent_tasks.hpp"
#include "actors/deployment/blob_upload.hpp"

#include <boost/json/value.hpp>
#include <catch2/catch.hpp>

using namespace tidegate;

TEST_CASE("a blob is written as a whole or in pieces", "[deployment]") {
  const std::string line(1'500'000, 'x');
  const blob large{"n.log", line + '\n' + line + '\n' + line + '\n' + line,
                   true};
  SECTION("in pieces of whole lines, each at its place") {
    const auto made = upload_requests("https://a/c/?sig=s", "", large, false);
    REQUIRE(made.size() == 3);
    CHECK(made[0].url == "https://a/c/n.log?sig=s");
    CHECK(
      made[0].headers.back()
      == std::pair<std::string, std::string>{"x-ms-blob-type", "AppendBlob"});
    CHECK(made[1].body.view == line + '\n' + line + '\n');
    CHECK(made[2].headers.back().second == "3000002");
    CHECK(made[2].body.view == line + '\n' + line);
  }
  SECTION("a line that is longer than a piece is divided") {
    const auto made = upload_requests(
      "https://a/c", "", {"n", std::string(9'000'000, 'x'), true}, false);
    REQUIRE(made.size() == 4);
    CHECK(made[1].url == "https://a/c/n?comp=appendblock");
  }
  SECTION("as a whole") {
    const auto made
      = upload_requests("https://a/c?sig=s", "", {"n", "text", false}, false);
    REQUIRE(made.size() == 1);
    CHECK(made[0].body.view == "text");
    CHECK(made[0].headers.back().second == "BlockBlob");
  }
}

TEST_CASE("names of blobs cannot leave their container", "[deployment]") {
  CHECK(blob_name("hub", "e/../d", "m", 0, "log")
        == "hub/e%2F..%2Fd/m-1970-01-01--00-00-00.log");
}

TEST_CASE("the last hundred tasks are remembered", "[deployment]") {
  agent_tasks tasks;
  for (int i = 0; i < 250; ++i) {
    tasks.start(std::to_string(i), "upload logs");
    CHECK_FALSE(tasks.is_full());
    tasks.end(std::to_string(i), "");
  }
  CHECK(tasks.describe("249").at("status") == "Completed");
  CHECK(tasks.describe("150").at("status") == "Completed");
  CHECK(tasks.describe("149").at("status") == "Unknown");
  for (std::size_t i = 0; i < agent_tasks::most; ++i)
    tasks.start("r" + std::to_string(i), "upload logs");
  CHECK(tasks.is_full());
}
