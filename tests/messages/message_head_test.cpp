#include "messages/delivery.hpp"
#include "messages/ec.hpp"
#include "messages/message_head.hpp"
#include "messages/store_messages.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;

TEST_CASE("property names compare without case", "[message]") {
  std::vector<property> all{{"Level", "warn"}};
  CHECK(find_property(all, "level"));
  set_property(all, "LEVEL", "info");
  REQUIRE(all.size() == 1);
  CHECK(all.front().value == "info");
}

TEST_CASE("a message has exactly one source", "[message]") {
  message_head head;
  CHECK(message_source(head) == "/messages");
  set_property(head.system, "connectionModuleId", "pump");
  CHECK(message_source(head) == "/messages/modules/pump");
  set_property(head.system, "outputName", "vib");
  CHECK(message_source(head) == "/messages/modules/pump/outputs/vib");
  set_property(head.system, "messageType", "twinChangeNotification");
  CHECK(message_source(head) == "/twinChangeNotifications");
}

TEST_CASE("an id with exactly one slash is a module", "[message]") {
  CHECK(parse_identity_id("edge-1/pump") == identity_id{"edge-1", "pump"});
  CHECK(parse_identity_id("leaf-9") == identity_id{"leaf-9", ""});
  CHECK(parse_identity_id("a/b/c") == identity_id{"a/b/c", ""});
}
