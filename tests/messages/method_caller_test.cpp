#include "messages/method_caller.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using kind = method_caller::kind;

TEST_CASE("who calls has a name", "[methods]") {
  CHECK(to_string({kind::module, {"edge-1", "filter"}}) == "edge-1/filter");
  CHECK(to_string({kind::parent, {}}) == "upstream");
  CHECK(to_string({kind::service, {}}) == "service");
  CHECK(to_string({kind::operator_, {}}) == "operator");
}

TEST_CASE("a module calls its like, and the runtime when it is named",
          "[methods]") {
  const method_caller filter{kind::module, {"edge-1", "filter"}};
  CHECK(may_call(filter, {"leaf", ""}, {}));
  CHECK(may_call(filter, {"edge-1", "sink"}, {}));
  CHECK_FALSE(may_call(filter, {"edge-1", "$edgeAgent"}, {}));
  CHECK_FALSE(may_call(filter, {"edge-1", "$edgeHub"}, {"other"}));
  CHECK(may_call(filter, {"edge-1", "$edgeAgent"}, {"other", "filter"}));
  CHECK(may_call({kind::parent, {}}, {"edge-1", "$edgeAgent"}, {}));
}
