#include "messages/amqp/plain_user.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;
using amqp::parse_plain_user;

namespace {

std::optional<identity_id> read(std::string_view user) {
  return parse_plain_user(user, "tidehub.azure-devices.net");
}

} // namespace

TEST_CASE("a PLAIN user names a device or a module", "[amqp]") {
  CHECK(read("leaf-9@sas.tidehub") == identity_id{"leaf-9", {}});
  CHECK(read("leaf-9@TIDEHUB") == identity_id{"leaf-9", {}});
  CHECK(read("edge-1/modules/pump@SAS.tidehub")
        == identity_id{"edge-1", "pump"});
  CHECK(read("a%40b@sas.tidehub") == identity_id{"a@b", {}});
  SECTION("and the whole host is its own first label when it has no dot") {
    CHECK(parse_plain_user("leaf-9@hub", "hub") == identity_id{"leaf-9", {}});
  }
}

TEST_CASE("other PLAIN users are refused", "[amqp]") {
  for (const auto* user :
       {"", "leaf-9", "@sas.tidehub", "leaf-9@sas.other", "leaf-9@sas.",
        "leaf-9@tide", "edge-1/modules/@tidehub", "edge-1/pump@tidehub",
        "a/modules/b/modules/c@tidehub", "a%2Fb@tidehub"}) {
    CAPTURE(user);
    CHECK_FALSE(read(user));
  }
}

TEST_CASE("a PLAIN user may be a shared access policy of the hub", "[amqp]") {
  const auto is = [](std::string_view user) {
    return tidegate::amqp::is_policy_user(user, "tidehub.example.com");
  };
  CHECK(is("service@sas.root.tidehub"));
  CHECK(is("service@SAS.root.TideHub"));
  CHECK_FALSE(is("service@sas.tidehub"));
  CHECK_FALSE(is("service@sas.root.other"));
  CHECK_FALSE(is("@sas.root.tidehub"));
  CHECK_FALSE(is("sas.root.tidehub"));
}
