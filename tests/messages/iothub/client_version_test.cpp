#include "messages/iothub/client_version.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;

TEST_CASE("a client that confuses outcomes is known by its name",
          "[client_version]") {
  CHECK(merges_outcomes("azure-iot-device/1.18.4 (node v18.19.0; Linux)"));
  CHECK(merges_outcomes("azure-iot-device/1.18.4(node)my product"));
  CHECK_FALSE(merges_outcomes("azure-iot-device-iothub-py/2.13.0"));
  CHECK_FALSE(merges_outcomes("tidegate/0.1.0"));
  CHECK_FALSE(merges_outcomes(""));
}
