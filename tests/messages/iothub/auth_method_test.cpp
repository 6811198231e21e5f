#include "messages/iothub/auth_method.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

using namespace tidegate;

TEST_CASE("how a client was let in is told as IoT Hub does", "[auth_method]") {
  const auto [how, scope, type]
    = GENERATE(table<auth_method, const char*, const char*>(
      {{auth_method::device_token, "device", "sas"},
       {auth_method::policy_token, "hub", "sas"},
       {auth_method::thumbprint, "device", "x509Certificate"},
       {auth_method::authority, "device", "x509CertificateAuthority"}}));
  const auto told = boost::json::parse(std::string{auth_method_text(how)});
  CHECK(told.at("scope").as_string() == scope);
  CHECK(told.at("type").as_string() == type);
}

TEST_CASE("what the hub adds counts for nothing in a message's size",
          "[auth_method]") {
  message_head head;
  head.user = {{"k", "v"}};
  add_auth_method(head, auth_method::untold);
  CHECK(head.system.empty());
  add_auth_method(head, auth_method::device_token);
  CHECK(head.system.size() == 1);
  CHECK(properties_size(head) == 2);
}
