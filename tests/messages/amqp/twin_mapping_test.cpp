#include "messages/amqp/twin_mapping.hpp"

#include "messages/amqp/section_fields.hpp"
#include "messages/amqp/writer.hpp"

#include <catch2/catch.hpp>

#include <functional>

using namespace tidegate::amqp;

namespace {

using write_correlation = std::function<void(writer&)>;

std::string request(const std::string& operation,
                    const write_correlation& correlation) {
  std::string encoded;
  writer out{encoded};
  out.descriptor(annotations_section);
  const auto map = out.begin_map();
  out.symbol("resource");
  out.string("/properties/reported");
  out.symbol("operation");
  out.string(operation);
  out.end(map, 4);
  out.descriptor(properties_section);
  const auto list = out.begin_list();
  for (std::uint32_t i = 0; i < correlation_id_field; ++i)
    out.null();
  correlation(out);
  out.end(list, correlation_id_field + 1);
  out.descriptor(data_section);
  out.binary("{}");
  return encoded;
}

write_correlation text(std::string id) {
  return [id = std::move(id)](writer& out) { out.string(id); };
}

struct reading {
  explicit reading(std::string from) : encoded{std::move(from)} {
    REQUIRE(split_sections(encoded, sections, why));
    asked = read_twin_request(sections, why);
  }
  std::string encoded;
  message_sections sections;
  std::string why;
  std::optional<twin_request> asked;
};

} // namespace

TEST_CASE("a twin request names its operation", "[amqp]") {
  CHECK(reading{request("GET", text("a"))}.asked->verb == twin_verb::get);
  CHECK(reading{request("PATCH", text("a"))}.asked->verb == twin_verb::patch);
  CHECK(reading{request("PUT", text("a"))}.asked->verb == twin_verb::subscribe);
  CHECK(reading{request("DELETE", text("a"))}.asked->verb
        == twin_verb::unsubscribe);
  const reading other{request("get", text("a"))};
  CHECK_FALSE(other.asked);
  CHECK(other.why == "a twin request names no operation of the hub");
}

TEST_CASE("a twin request says how its answer is known", "[amqp]") {
  CHECK(reading{request("GET", text(""))}.asked->correlation.empty());
  CHECK(reading{request("GET", [](writer& out) { out.binary(""); })}
          .asked->correlation.empty());
  const reading none{request("GET", [](writer& out) { out.null(); })};
  CHECK_FALSE(none.asked);
  CHECK(none.why == "a twin request has no correlation-id");
}

TEST_CASE("an answer about a twin echoes the correlation of any type",
          "[amqp]") {
  const auto write = GENERATE(
    write_correlation{text("a")},
    write_correlation{[](writer& out) { out.unsigned_long(7); }},
    write_correlation{[](writer& out) { out.uuid("0123456789abcdef"); }});
  const reading from{request("GET", write)};
  REQUIRE(from.asked);
  const auto encoded = write_twin_reply(from.asked->correlation, 204, "body");
  message_sections reply;
  std::string why;
  REQUIRE(split_sections(encoded, reply, why));
  CHECK(property_field(reply, correlation_id_field).raw
        == property_field(from.sections, correlation_id_field).raw);
  const auto status = entry_of(reply.annotations, "status");
  CHECK(status.raw == std::string_view{"\x71\0\0\0\xcc", 5});
  CHECK(reply.first_data == "body");
}

TEST_CASE("a change of desired properties has no correlation", "[amqp]") {
  const auto encoded = write_desired_update("{}");
  message_sections sections;
  std::string why;
  REQUIRE(split_sections(encoded, sections, why));
  CHECK(sections.properties.is == kind::null);
  CHECK(sections.annotations.is == kind::null);
  CHECK(sections.first_data == "{}");
}

TEST_CASE("a request of this node is read as any client's", "[amqp]") {
  const auto verb = GENERATE(twin_verb::get, twin_verb::patch,
                             twin_verb::subscribe, twin_verb::unsubscribe);
  const reading from{write_twin_request(verb, "c-1", "{}")};
  REQUIRE(from.asked);
  CHECK(from.asked->verb == verb);
  CHECK(property_field(from.sections, correlation_id_field).text == "c-1");
  CHECK(from.sections.first_data == "{}");
}

TEST_CASE("what a hub sends on a twin link is told apart", "[amqp]") {
  message_sections sections;
  std::string why;
  SECTION("an answer") {
    const reading from{request("GET", text("c-1"))};
    const auto encoded = write_twin_reply(from.asked->correlation, 204, "");
    REQUIRE(split_sections(encoded, sections, why));
    const auto notice = read_twin_notice(sections);
    CHECK(notice.correlation == "c-1");
    CHECK(notice.status == 204);
    CHECK(notice.version == 0);
  }
  SECTION("an answer with the version, as IoT Hub gives it") {
    std::string encoded;
    writer out{encoded};
    out.descriptor(annotations_section);
    const auto map = out.begin_map();
    out.symbol("status");
    out.integer(204);
    out.symbol("version");
    out.unsigned_long(5);
    out.end(map, 4);
    REQUIRE(split_sections(encoded, sections, why));
    CHECK(read_twin_notice(sections).version == 5);
  }
  SECTION("a change of desired properties") {
    const auto encoded = write_desired_update("{}");
    REQUIRE(split_sections(encoded, sections, why));
    CHECK(read_twin_notice(sections).correlation.empty());
    CHECK_FALSE(read_twin_notice(sections).status);
  }
}
