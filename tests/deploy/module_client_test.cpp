#include "module_client/event_topic.hpp"
#include "module_client/module_identity.hpp"
#include "module_client/send_window.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <rapidcheck/catch.h>

using namespace tidegate::module;

namespace {

std::map<std::string, std::string> whole_environment() {
  return {{"IOTEDGE_WORKLOADURI", "unix:///run/m.sock"},
          {"IOTEDGE_DEVICEID", "edge-1"},
          {"IOTEDGE_MODULEID", "pump"},
          {"IOTEDGE_MODULEGENERATIONID", "7"},
          {"IOTEDGE_IOTHUBHOSTNAME", "hub.local"},
          {"IOTEDGE_GATEWAYHOSTNAME", "gw.local"}};
}

module_identity
identity_from(const std::map<std::string, std::string>& environment) {
  return read_identity([&](const char* name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::string{} : found->second;
  });
}

} // namespace

TEST_CASE("a module finds itself in its environment", "[module]") {
  const auto who = identity_from(whole_environment());
  CHECK(who.workload_socket == "/run/m.sock");
  CHECK(client_id(who) == "edge-1/pump");
  CHECK(who.port == "8883");
  CHECK(token_resource(who) == "hub.local%2Fdevices%2Fedge-1%2Fmodules%2Fpump");
}

TEST_CASE("what is missing in the environment is named", "[module]") {
  for (const auto& [name, value] : whole_environment()) {
    if (name == "IOTEDGE_GATEWAYHOSTNAME")
      continue;
    auto environment = whole_environment();
    environment.erase(name);
    CHECK_THROWS_WITH(identity_from(environment), Catch::Contains(name));
  }
}

TEST_CASE("an event's topic carries output, types and properties", "[module]") {
  message what;
  what.properties = {{"level", "a b"}};
  CHECK(event_topic(identity_from(whole_environment()), "out", what,
                    std::chrono::system_clock::time_point{
                      std::chrono::milliseconds{1'767'323'045'678}})
        == "devices/edge-1/modules/pump/messages/events/%24.on=out"
           "&%24.ct=application%2Fjson&%24.ce=utf-8"
           "&%24.ctime=2026-01-02T03%3A04%3A05.678Z&level=a%20b/");
}

TEST_CASE("an input's topic is read back", "[module]") {
  const auto who = identity_from(whole_environment());
  const auto read = parse_input(
    who, "devices/edge-1/modules/pump/inputs/in/a=b%26c&%24.ct=text&flag",
    "body");
  REQUIRE(read);
  CHECK(read->input == "in");
  CHECK(read->what.body == "body");
  CHECK(read->what.content_type == "text");
  CHECK(read->what.properties
        == std::map<std::string, std::string>{{"a", "b&c"}, {"flag", ""}});
  CHECK_FALSE(parse_input(who, "devices/edge-1/modules/other/inputs/in", ""));
}

TEST_CASE("percent encoding survives any text", "[module]") {
  rc::prop("decode undoes encode", [](const std::string& text) {
    RC_ASSERT(percent_decode(percent_encode(text)) == text);
  });
}

TEST_CASE("the window remembers what is not acknowledged, in order",
          "[module]") {
  send_window window{2};
  auto* first = window.take("t", "1");
  auto* second = window.take("t", "2");
  CHECK(window.full());
  window.free(first);
  window.free(first);
  auto* third = window.take("t", "3");
  CHECK(window.full());
  CHECK(window.pending() == std::vector<send_window::slot*>{second, third});
}
