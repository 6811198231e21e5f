#include "messages/amqp/head_mapping.hpp"

#include "messages/amqp/writer.hpp"

#include <catch2/catch.hpp>
#include <rapidcheck.h>
#include <rapidcheck/catch.h>

using namespace tidegate;
using namespace tidegate::amqp;

namespace {

const identity_id pump{"edge-1", "pump"};

message_sections split(const std::string& encoded) {
  message_sections sections;
  std::string why;
  INFO(why);
  REQUIRE(split_sections(encoded, sections, why));
  return sections;
}

head_ptr head_of(const std::string& encoded, const identity_id& sender = pump) {
  std::string why;
  auto head = read_head(split(encoded), sender, {}, why);
  INFO(why);
  REQUIRE(head);
  return head;
}

std::optional<std::string> text(const std::vector<property>& in,
                                std::string_view name) {
  const auto* found = find_property(in, name);
  REQUIRE(found);
  return found->value;
}

std::string with_data(std::string front, std::string_view payload) {
  write_data_header(front, payload.size());
  return front.append(payload);
}

/// A message as a client encodes it, with one entry in each section.
std::string client_message() {
  std::string encoded;
  writer out{encoded};
  out.descriptor(0x70);
  out.end(out.begin_list(), 0);
  out.descriptor(0x72);
  auto map = out.begin_map();
  out.symbol("iothub-interface-id");
  out.string("urn:i");
  out.symbol("x-opt-unknown");
  out.string("ignored");
  out.end(map, 4);
  out.descriptor(0x73);
  const auto list = out.begin_list();
  out.raw(
    "\x98\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67\x89\xab\xcd\xef");
  out.binary("someone");
  out.null();
  out.string("subject is not mapped");
  out.null();
  out.string("c-1");
  out.symbol("application/json");
  out.symbol("utf-8");
  out.timestamp(1'767'323'045'006);
  out.end(list, 9);
  out.descriptor(0x74);
  map = out.begin_map();
  out.string("iothub-outputname");
  out.string("vib");
  out.string("level");
  out.string("warn");
  out.string("count");
  out.unsigned_int(12);
  out.string("nothing");
  out.null();
  out.end(map, 8);
  return with_data(encoded, "{}");
}

} // namespace

TEST_CASE("a client's message gets its internal names", "[amqp]") {
  const auto head = head_of(client_message());
  CHECK(head->sender == pump);
  CHECK(text(head->system, "connectionDeviceId") == "edge-1");
  CHECK(text(head->system, "connectionModuleId") == "pump");
  CHECK(text(head->system, "messageId")
        == "01234567-89ab-cdef-0123-456789abcdef");
  CHECK(text(head->system, "userId") == "someone");
  CHECK(text(head->system, "cid") == "c-1");
  CHECK(text(head->system, "contentType") == "application/json");
  CHECK(text(head->system, "contentEncoding") == "utf-8");
  CHECK(text(head->system, "absolute-expiry-time")
        == "2026-01-02T03:04:05.0060000Z");
  CHECK(text(head->system, "iothub-interface-id") == "urn:i");
  CHECK(text(head->system, "outputName") == "vib");
  CHECK(head->system.size() == 10);
  CHECK(message_source(*head) == "/messages/modules/pump/outputs/vib");
  SECTION("scalars among the user properties become text") {
    CHECK(text(head->user, "level") == "warn");
    CHECK(text(head->user, "count") == "12");
    CHECK(text(head->user, "nothing") == std::nullopt);
    CHECK(head->user.size() == 3);
  }
}

TEST_CASE("a message cannot name another sender", "[amqp]") {
  std::string encoded;
  writer out{encoded};
  out.descriptor(0x74);
  const auto map = out.begin_map();
  out.string("connectionDeviceId");
  out.string("somebody-else");
  out.end(map, 2);
  const auto head = head_of(with_data(encoded, ""), {"leaf-9", {}});
  CHECK(text(head->system, "connectionDeviceId") == "leaf-9");
  CHECK(text(head->user, "connectionDeviceId") == "somebody-else");
}

TEST_CASE("bodies are read in every form that has bytes", "[amqp]") {
  std::string joined;
  SECTION("one data section, in place") {
    const auto encoded = with_data("", "payload");
    const auto body = read_body(split(encoded), joined);
    CHECK(body == "payload");
    CHECK(body.data() > encoded.data());
    CHECK(body.data() < encoded.data() + encoded.size());
  }
  SECTION("several data sections, joined") {
    CHECK(read_body(split(with_data(with_data("", "pay"), "load")), joined)
          == "payload");
  }
  SECTION("a text as value") {
    std::string encoded;
    writer out{encoded};
    out.descriptor(0x77);
    out.string("payload");
    CHECK(read_body(split(encoded), joined) == "payload");
  }
  SECTION("none at all") { CHECK(read_body(split(""), joined).empty()); }
}

TEST_CASE("sections out of order or repeated are refused", "[amqp]") {
  message_sections sections;
  std::string why;
  const std::string properties("\x00\x53\x73\x45", 4);
  const std::string annotations("\x00\x53\x72\xc1\x01\x00", 6);
  CHECK(split_sections(annotations + properties, sections, why));
  CHECK_FALSE(split_sections(properties + annotations, sections, why));
  CHECK_FALSE(split_sections(properties + properties, sections, why));
  CHECK_FALSE(split_sections(with_data("", "x") + properties, sections, why));
  CHECK_FALSE(split_sections(properties + "rubbish", sections, why));
  CHECK(why == "not an AMQP section at byte 4");
}

TEST_CASE("a damaged map is refused, with the section named", "[amqp]") {
  std::string why;
  const std::string encoded("\x00\x53\x74\xc1\x05\x02\xa1\x09\x40\x40", 10);
  CHECK_FALSE(read_head(split(encoded), pump, {}, why));
  CHECK(why == "the application properties are damaged");
}

TEST_CASE("more properties than the limit are refused", "[amqp]") {
  std::string encoded;
  writer out{encoded};
  out.descriptor(0x74);
  const auto map = out.begin_map();
  for (std::uint32_t i = 0; i <= most_properties; ++i) {
    out.string(std::to_string(i));
    out.null();
  }
  out.end(map, 2 * (most_properties + 1));
  std::string why;
  CHECK_FALSE(read_head(split(encoded), pump, {}, why));
  CHECK(why == "more than 512 properties");
}

TEST_CASE("a module's input tells where the message comes from", "[amqp]") {
  message_head head;
  head.system = {{"connectionDeviceId", "leaf-9"},
                 {"connectionModuleId", "cam"},
                 {"outputName", "not passed on"},
                 {"deliveryCount", "3"}};
  head.user = {{"lvl", "hi"}};
  std::string encoded;
  write_input_head(encoded, head, "in1");
  encoded = with_data(encoded, "x");
  const auto sections = split(encoded);
  reader in{sections.annotations.text};
  std::vector<std::string> annotations;
  for (value entry; in.next(entry);) {
    std::string text;
    scalar_text(entry, text);
    annotations.push_back(text);
  }
  CHECK(annotations
        == std::vector<std::string>{
          "x-opt-input-name", "in1", "iothub-connection-device-id", "leaf-9",
          "iothub-connection-module-id", "cam", "iothub-deliverycount", "3"});
  CHECK(head_of(encoded)->user == head.user);
}

TEST_CASE("only the node says whose a message is, over AMQP too", "[amqp]") {
  std::string encoded;
  writer out{encoded};
  out.descriptor(0x72);
  auto map = out.begin_map();
  out.symbol("x-opt-lock-token");
  out.string("00000000-0000-0000-0000-000000000001");
  out.symbol("iothub-enqueuedtime");
  out.string("2026-01-02T03:04:05Z");
  out.end(map, 4);
  out.descriptor(0x74);
  map = out.begin_map();
  for (const char* name :
       {"$.cmid", "$.cdid", "$.On", "iothub-connection-module-id", "mine"}) {
    out.string(name);
    out.string("boss");
  }
  out.end(map, 10);
  const auto head = head_of(with_data(encoded, ""), {"leaf-9", {}});
  CHECK_FALSE(find_property(head->system, "lockToken"));
  CHECK_FALSE(find_property(head->system, "enqueuedTime"));
  const std::vector<property> mine{{"mine", "boss"}};
  std::string input, up, event;
  write_input_head(input, *head, "in");
  write_upstream_head(up, *head);
  write_event_head(event, *head, 1, 1);
  for (const auto* written : {&input, &up, &event})
    CHECK(head_of(with_data(*written, ""))->user == mine);
}

TEST_CASE("a head survives the way to the parent", "[amqp][property]") {
  rc::prop("system and user properties", [] {
    const auto ascii = rc::gen::nonEmpty(
      rc::gen::container<std::string>(rc::gen::inRange('a', 'z')));
    message_head head;
    head.sender = pump;
    head.system
      = {{"connectionDeviceId", "edge-1"}, {"connectionModuleId", "pump"}};
    for (const auto* name :
         {"messageId", "userId", "to", "cid", "contentType", "contentEncoding",
          "absolute-expiry-time", "iothub-interface-id", "dt-subject",
          "messageSchema", "creationTime", "operation", "outputName"})
      if (*rc::gen::arbitrary<bool>())
        head.system.push_back(
          {name, name == std::string_view{"absolute-expiry-time"}
                   ? "2026-01-02T03:04:05.0000000Z"
                   : *ascii});
    for (const auto& name : *rc::gen::unique<std::vector<std::string>>(ascii))
      head.user.push_back({"u-" + name, *rc::gen::arbitrary<bool>()
                                          ? std::optional{*ascii}
                                          : std::nullopt});
    std::string encoded;
    write_upstream_head(encoded, head);
    const auto read = head_of(with_data(encoded, "body"));
    RC_ASSERT(read->user == head.user);
    RC_ASSERT(read->system.size() == head.system.size());
    for (const auto& [name, value] : head.system)
      RC_ASSERT(text(read->system, name) == value);
  });
}
