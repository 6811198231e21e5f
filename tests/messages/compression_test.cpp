#include "messages/compression.hpp"
#include "support/unpack.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;

TEST_CASE("what is compressed can be read again", "[compression]") {
  std::string text;
  for (int i = 0; i < 10'000; ++i)
    text += "line " + std::to_string(i) + '\n';
  const auto small = gzip(text);
  CHECK(small.size() < text.size() / 3);
  CHECK(unpack(small).begin()->second == text);
  CHECK(unpack(gzip("a")).begin()->second == "a");
  using files = std::map<std::string, std::string>;
  CHECK(unpack(zip({{"logs/a.txt", text}, {"b.json", "{}"}}, 1'767'323'045))
        == files{{"logs/a.txt", text}, {"b.json", "{}"}});
}
