#include "actors/twins/twins.hpp"

#include "actors/twins/twin_node.hpp"
#include "messages/ec.hpp"

using namespace tidegate;
namespace json = boost::json;

namespace {

struct hub : twin_node {
  std::shared_ptr<identity_store> identities = std::make_shared<identity_store>(
    disk.db, std::make_shared<const seal>(std::string(32, 'k')));
  hub_twins_actor subject;

  hub() {
    create("pump-7");
    start();
  }
  ~hub() { stop(); }

  void create(const std::string& device) {
    identity made;
    made.id.device = device;
    REQUIRE(identities->create(made));
  }
  void start() {
    subject = sys.spawn(twins, twins_context{on_disk, identities, context()});
    run();
  }
  void stop() {
    caf::anon_send_exit(subject, caf::exit_reason::user_shutdown);
    run();
  }

  caf::expected<twin_document> change(const char* text, bool replace = false,
                                      const std::string& if_match = {}) {
    return ask<twin_document>(
      subject,
      change_twin{pump, json::parse(text).as_object(), replace, if_match});
  }
};

} // namespace

TEST_CASE_METHOD(hub, "an identity has a twin from its beginning", "[twins]") {
  CHECK(get(subject, pump)
        == json_of(R"({"desired":{"$version":1},"reported":{"$version":1}})"));
  CHECK(ask<twin_text>(subject, get_twin{{"stranger", {}}}).error()
        == ec::not_found);
}

TEST_CASE_METHOD(hub, "what a client reports stays", "[twins]") {
  const auto answer = report(subject, pump, R"({"a":1,"b":2})");
  REQUIRE(answer);
  CHECK(answer->version == 2);
  REQUIRE(report(subject, pump, R"({"b":null})"));
  stop();
  start();
  CHECK(get(subject, pump).at("reported")
        == json_of(R"({"a":1,"$version":3})"));
}

TEST_CASE_METHOD(hub, "a bad report changes nothing", "[twins]") {
  CHECK(report(subject, pump, R"({"a b":1})").error() == ec::bad_argument);
  CHECK(report(subject, pump, "not json").error() == ec::malformed);
  CHECK(get(subject, pump).at("reported") == json_of(R"({"$version":1})"));
}

TEST_CASE_METHOD(hub, "what is not written yet is not shown", "[twins]") {
  auto reported
    = self->request(subject, std::chrono::seconds{5},
                    report_properties{pump, tidegate::own(R"({"a":1})")});
  auto asked = self->request(subject, std::chrono::seconds{5}, get_twin{pump});
  // Both are taken before the one write that follows; that one fails.
  disk.disk->set_capacity(disk.disk->used());
  run();
  auto failures = 0;
  const auto fail = [&](const caf::error&) { ++failures; };
  reported.receive([](const properties_reported&) {}, fail);
  asked.receive([](const twin_text&) {}, fail);
  CHECK(failures == 2);
}

TEST_CASE_METHOD(hub, "a change of reported properties is routed", "[twins]") {
  board->publish(
    make_routes(R"({"up": "FROM /twinChangeNotifications INTO $upstream"})"));
  REQUIRE(report(subject, pump, R"({"a":1})"));
  REQUIRE(stored() == std::vector<std::string>{R"({"a":1})"});
  const auto head = memory.lanes[1].blocks.front().data->head(0);
  const auto value = [&](const char* name) {
    const auto* found = find_property(head->system, name);
    return found ? found->value.value_or("") : "";
  };
  CHECK(value("messageType") == "twinChangeNotification");
  CHECK(value("messageSchema") == "twinChangeNotification");
  CHECK(value("connectionDeviceId") == "edge-1");
  CHECK(value("connectionModuleId") == "$edgeHub");
  CHECK(value("rpSenderDeviceId") == "pump-7");
  SECTION("but not what the node says of itself") {
    identity edge;
    edge.id.device = "edge-1";
    REQUIRE(identities->create(edge));
    edge.id.module = "$edgeHub";
    REQUIRE(identities->create(edge));
    REQUIRE(report(subject, own, R"({"a":2})"));
    CHECK(stored().size() == 1);
  }
  SECTION("and when it cannot be, the client is told so") {
    memory.failing = ec::store_full;
    CHECK(report(subject, pump, R"({"a":3})").error() == ec::store_full);
  }
}

TEST_CASE_METHOD(hub, "a client that wants to know hears of desired changes",
                 "[twins]") {
  connect(pump, true);
  const auto document
    = change(R"({"tags":{"site":"n"},"properties":{"desired":{"a":1}}})");
  REQUIRE(document);
  CHECK(document->value.at("connectionState") == "Connected");
  CHECK(document->value.at("tags") == json_of(R"({"site":"n"})"));
  CHECK(told[pump] == std::vector{json_of(R"({"a":1,"$version":2})")});
  REQUIRE(change(R"({"tags":{"site":null}})"));
  CHECK(told[pump].size() == 1);
}

TEST_CASE_METHOD(hub, "a client that does not want to know is left alone",
                 "[twins]") {
  connect(pump, false);
  REQUIRE(change(R"({"properties":{"desired":{"a":1}}})"));
  CHECK(told[pump].empty());
}

TEST_CASE_METHOD(hub, "a change of an older twin is refused", "[twins]") {
  const auto first = change(R"({"tags":{"a":1}})", false, "AAAAAAAAAAE=");
  REQUIRE(first);
  CHECK(first->value.at("etag") == "AAAAAAAAAAI=");
  CHECK(change(R"({"tags":{"a":2}})", false, "AAAAAAAAAAE=").error()
        == ec::stale);
  CHECK(change(R"({"tags":{"a":2}})", true, "AAAAAAAAAAI="));
  CHECK(change(R"({"tags":3})").error() == ec::bad_argument);
}

TEST_CASE_METHOD(hub, "a twin ends with its identity", "[twins]") {
  REQUIRE(report(subject, pump, R"({"a":1})"));
  REQUIRE_FALSE(identities->remove(pump));
  SECTION("once the twins hear of it") {
    caf::anon_send(subject, forget_twin{pump});
    run();
    CHECK(on_disk->get(pump).error() == ec::not_found);
  }
  SECTION("and a new one of that name does not inherit") {
    create("pump-7");
    CHECK(get(subject, pump).at("reported") == json_of(R"({"$version":1})"));
  }
}

TEST_CASE_METHOD(hub, "what cannot be written has not happened", "[twins]") {
  disk.disk->set_capacity(disk.disk->used());
  CHECK_FALSE(report(subject, pump, R"({"a":1})"));
  disk.disk->set_capacity(std::uint64_t{1} << 40);
  REQUIRE_FALSE(disk.db->recover());
  CHECK(get(subject, pump).at("reported") == json_of(R"({"$version":1})"));
}
