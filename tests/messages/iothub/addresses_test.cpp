#include "messages/iothub/base64.hpp"
#include "messages/iothub/connection_string.hpp"
#include "messages/iothub/link_address.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck/catch.h>

using namespace tidegate;

TEST_CASE("link addresses are known in every spelling", "[iothub]") {
  using enum link_resource;
  const auto is
    = [](const char* text, link_resource resource, const identity_id& id) {
        CAPTURE(text);
        CHECK(parse_link_address(text) == link_address{resource, id});
      };
  is("$cbs", cbs, {});
  is("/$cbs", cbs, {});
  is("amqps://hub.local/$cbs", cbs, {});
  is("/devices/d/messages/events", events, {"d", ""});
  is("devices/d/messages/Events", events, {"d", ""});
  is("amqps://h:5671/Devices/d%201/Modules/m%2F2/messages/events", events,
     {"d 1", "m/2"});
  is("/devices/d/messages/deviceBound", device_bound, {"d", ""});
  is("/devices/d/modules/m/messages/devicebound", device_bound, {"d", "m"});
  is("/devices/d/twin", twin, {"d", ""});
  is("/devices/d/modules/m/twin", twin, {"d", "m"});
  is("/devices/d/methods/deviceBound", methods, {"d", ""});
}

TEST_CASE("other link addresses are refused", "[iothub]") {
  const auto text
    = GENERATE("", "/", "amqps://host", "/$cbs/x", "/devices", "/devices//twin",
               "/devices/d", "/devices/d/twin/", "/devices/d/modules/m",
               "/devices/d/modules//twin", "/x/devices/d/twin",
               "/devices/d/messages", "/devices/d/e/twin", "//devices/d/twin");
  CAPTURE(text);
  CHECK_FALSE(parse_link_address(text));
}

TEST_CASE("a connection string is read back as written", "[iothub]") {
  const auto value
    = GENERATE(connection_string{"hub", {"d", ""}, "QUJD", ""},
               connection_string{"hub", {"d", "m"}, "QQ==", "gw.local"},
               connection_string{"hub", {"d", ""}, "", ""});
  std::string why;
  CHECK(parse_connection_string(to_string(value), why) == value);
  CHECK(why.empty());
}

TEST_CASE("a connection string is taken in any order and case", "[iothub]") {
  std::string why;
  const auto value = parse_connection_string(
    "sharedaccesskey=QUI=;DEVICEID=d;x509=true;;HostName=h;", why);
  REQUIRE(value);
  CHECK(*value == connection_string{"h", {"d", ""}, "QUI=", ""});
  CHECK(value->target() == "h");
}

TEST_CASE("a connection string with a fault is refused by its name",
          "[iothub]") {
  const auto text
    = GENERATE("", "HostName=h", "DeviceId=d",
               "HostName=h;DeviceId=d;SharedAccessKey=secret",
               "HostName=h;HostName=i;DeviceId=d", "HostName;DeviceId=d");
  CAPTURE(text);
  std::string why;
  CHECK_FALSE(parse_connection_string(text, why));
  CHECK_FALSE(why.empty());
  CHECK(why.find("secret") == std::string::npos);
}

TEST_CASE("base64 is read back as written, and only as written", "[iothub]") {
  rc::prop("round trip", [](const std::string& bytes) {
    RC_ASSERT(base64_decode(base64_encode(bytes)) == bytes);
  });
  CHECK(base64_encode("tide") == "dGlkZQ==");
  const auto text = GENERATE("A", "AB", "ABC", "A===", "====", "AB=C", " ABC",
                             "AB\nC", "AB-_");
  CAPTURE(text);
  CHECK_FALSE(base64_decode(text));
}
