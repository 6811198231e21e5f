#include "runtime/commands/table.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;

TEST_CASE("a table aligns text left and numbers right", "[commands]") {
  table rows{{"NAME", "COUNT"}};
  rows.add({"a", "5"});
  rows.add({"longer", "1234"});
  CHECK(rows.text() == "NAME    COUNT\na           5\nlonger   1234\n");
}

TEST_CASE("sizes and durations read easily", "[commands]") {
  CHECK(size_text(512) == "512 B");
  CHECK(size_text(1.5 * 1024 * 1024) == "1.5 MiB");
  CHECK(duration_text(119) == "119 s");
  CHECK(duration_text(7300) == "2 h");
}
