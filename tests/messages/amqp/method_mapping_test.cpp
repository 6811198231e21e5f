#include "messages/amqp/method_mapping.hpp"

#include "messages/amqp/section_fields.hpp"
#include "messages/amqp/writer.hpp"

#include <catch2/catch.hpp>

#include <functional>

using namespace tidegate::amqp;

namespace {

constexpr auto rid = "00112233-4455-6677-8899-aabbccddeeff";

message_sections split(const std::string& encoded) {
  message_sections out;
  std::string why;
  REQUIRE(split_sections(encoded, out, why));
  return out;
}

std::string answer(const std::function<void(writer&)>& correlation,
                   const std::function<void(writer&)>& status) {
  std::string encoded;
  writer out{encoded};
  out.descriptor(properties_section);
  const auto list = out.begin_list();
  for (std::uint32_t i = 0; i < correlation_id_field; ++i)
    out.null();
  correlation(out);
  out.end(list, correlation_id_field + 1);
  out.descriptor(application_section);
  const auto map = out.begin_map();
  out.string("IoThub-status");
  status(out);
  out.end(map, 2);
  out.descriptor(data_section);
  out.binary("done");
  return encoded;
}

void text_id(writer& out) { out.string("some id"); }
void fine(writer& out) { out.integer(200); }

} // namespace

TEST_CASE("a call of a method says which and how it is known", "[amqp]") {
  const auto encoded = write_method_request(rid, "reboot", "[1]");
  const auto sections = split(encoded);
  const auto id = property_field(sections, correlation_id_field);
  CHECK(id.is == kind::uuid);
  std::string text;
  REQUIRE(scalar_text(id, text));
  CHECK(text == rid);
  CHECK(entry_of(sections.application, "IoThub-methodname").text == "reboot");
  CHECK(sections.first_data == "[1]");
  const auto other = write_method_request("r1", "m", "");
  CHECK(property_field(split(other), correlation_id_field).text == "r1");
}

TEST_CASE("the answer of a method is read", "[amqp]") {
  const auto encoded = answer(text_id, fine);
  const auto read = read_method_answer(split(encoded));
  REQUIRE(read);
  CHECK(read->rid == "some id");
  CHECK(read->status == 200);
  SECTION("whatever its correlation is") {
    const auto other
      = answer([](writer& out) { out.uuid("0123456789abcdef"); }, fine);
    CHECK(read_method_answer(split(other)).has_value());
  }
  SECTION("but not without one") {
    const auto other = answer([](writer& out) { out.null(); }, fine);
    CHECK_FALSE(read_method_answer(split(other)));
  }
}

TEST_CASE("a status that is no int cannot be read", "[amqp]") {
  const auto status_of = [](const std::function<void(writer&)>& status) {
    const auto encoded = answer(text_id, status);
    return read_method_answer(split(encoded))->status;
  };
  CHECK(status_of([](writer& out) { out.integer(-1); }) == -1);
  CHECK_FALSE(status_of([](writer& out) { out.string("200"); }));
  CHECK_FALSE(status_of([](writer& out) { out.null(); }));
}

TEST_CASE("a call is read and answered under the same correlation", "[amqp]") {
  const auto encoded = write_method_request(rid, "reboot", "[1]");
  const auto sections = split(encoded);
  const auto call = read_method_call(sections);
  REQUIRE(call);
  CHECK(call->name == "reboot");
  const auto answered = write_method_answer(call->correlation, 404, "{}");
  const auto read = read_method_answer(split(answered));
  REQUIRE(read);
  CHECK(read->rid == rid);
  CHECK(read->status == 404);
  CHECK(split(answered).first_data == "{}");
}

TEST_CASE("a call without a name or a correlation is none", "[amqp]") {
  const auto unnamed = answer(text_id, fine);
  CHECK_FALSE(read_method_call(split(unnamed)));
  const auto nameless = write_method_request(rid, "", "[1]");
  CHECK_FALSE(read_method_call(split(nameless)));
}
