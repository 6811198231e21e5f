#include "runtime/node/open_files.hpp"

#include <catch2/catch.hpp>
#include <sys/resource.h>

using namespace tidegate;

TEST_CASE("connections leave files for the store", "[node]") {
  CHECK(connections_per_listener(1'048'576, 7) == 10'000);
  CHECK(connections_per_listener(65'536, 7) == 9'289);
  CHECK(connections_per_listener(1'024, 4) == 128);
  CHECK(connections_per_listener(1'024, 0) == 512);
  CHECK(connections_per_listener(100, 4) == 16);
}

TEST_CASE("the limit of open files is raised as far as it may be",
          "[node][io]") {
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  rlimit low = before;
  low.rlim_cur = 256;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &low) == 0);
  CHECK(raise_file_limit() > 256);
  CHECK(::setrlimit(RLIMIT_NOFILE, &before) == 0);
}
