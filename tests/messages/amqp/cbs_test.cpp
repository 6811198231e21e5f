#include "messages/amqp/cbs.hpp"

#include "messages/amqp/writer.hpp"

#include <catch2/catch.hpp>

using namespace tidegate::amqp;

namespace {

message_sections split(const std::string& encoded) {
  message_sections out;
  std::string why;
  REQUIRE(split_sections(encoded, out, why));
  return out;
}

struct request {
  std::string operation = "put-token";
  std::string type = "servicebus.windows.net:sastoken";
  std::string name = "hub/devices/leaf-9";
  bool text_body = true;

  std::string encode() const {
    std::string encoded;
    writer out{encoded};
    out.descriptor(0x73);
    const auto list = out.begin_list();
    out.unsigned_long(42);
    out.end(list, 1);
    out.descriptor(0x74);
    const auto map = out.begin_map();
    for (const auto& [key, text] :
         {std::pair{"operation", operation}, {"type", type}, {"name", name}}) {
      out.string(key);
      out.string(text);
    }
    out.end(map, 6);
    out.descriptor(0x77);
    if (text_body)
      out.string("SharedAccessSignature sr=x");
    else
      out.unsigned_int(1);
    return encoded;
  }
};

std::string refusal(const request& from) {
  const auto encoded = from.encode();
  std::string_view id;
  std::string why;
  CHECK_FALSE(read_put_token(split(encoded), id, why));
  CHECK_FALSE(id.empty());
  return why;
}

} // namespace

TEST_CASE("put-token is understood", "[amqp][cbs]") {
  request from;
  SECTION("as the client libraries write it") {}
  SECTION("with the other name for the token") {
    from.type = "Azure-Devices.net:SasToken";
  }
  SECTION("without regard to case") { from.operation = "PUT-Token"; }
  const auto encoded = from.encode();
  std::string_view id;
  std::string why;
  const auto found = read_put_token(split(encoded), id, why);
  REQUIRE(found);
  CHECK(found->audience == "hub/devices/leaf-9");
  CHECK(found->token == "SharedAccessSignature sr=x");
}

TEST_CASE("requests that are no put-token are refused with the reason",
          "[amqp][cbs]") {
  CHECK(refusal({.operation = "delete-token"})
        == "the operation is not put-token");
  CHECK(refusal({.type = "jwt"}) == "unknown type of token");
  CHECK(refusal({.name = ""}) == "the name is missing");
  CHECK(refusal({.text_body = false}) == "the body is not a text");
}

TEST_CASE("the answer carries the request's id in its own type",
          "[amqp][cbs]") {
  const auto encoded = request{}.encode();
  std::string_view id;
  std::string why;
  REQUIRE(read_put_token(split(encoded), id, why));
  const auto answer = write_cbs_reply(id, 400, "expired");
  const auto read = read_cbs_reply(split(answer));
  REQUIRE(read);
  CHECK(read->correlation_id == "42");
  CHECK(read->status == 400);
  CHECK(read->description == "expired");
}

TEST_CASE("what the uplink asks is what a hub understands", "[amqp][cbs]") {
  const auto encoded = write_put_token("m-1", "hub/devices/edge-1", "token");
  std::string_view id;
  std::string why;
  const auto found = read_put_token(split(encoded), id, why);
  REQUIRE(found);
  CHECK(found->token == "token");
  const auto reply = read_cbs_reply(split(write_cbs_reply(id, 200, "OK")));
  REQUIRE(reply);
  CHECK(reply->correlation_id == "m-1");
}
