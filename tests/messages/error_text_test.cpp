#include "messages/ec.hpp"
#include "messages/error_text.hpp"

#include <caf/sec.hpp>
#include <catch2/catch.hpp>

using namespace tidegate;

TEST_CASE("an error reads as a sentence", "[error]") {
  CHECK(error_text(caf::make_error(ec::refused, "the door is shut"))
        == "the door is shut");
  CHECK(error_text(ec::store_full) == "the store's quota is used up");
  CHECK(error_text(caf::sec::request_timeout) == "no answer in time");
}
