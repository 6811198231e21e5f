#include "messages/iothub/client_certificate.hpp"
#include "support/test_certificate.hpp"

using namespace tidegate;

namespace {

constexpr sas_time now{std::chrono::seconds{1'800'000'000}};

} // namespace

TEST_CASE("a client's certificate is read", "[certificate]") {
  const test_certificate made{{"leaf"}};
  const auto read = read_client_certificate(made.pem());
  REQUIRE(read);
  CHECK(read->common_name == "leaf");
  CHECK(read->sha1.size() == 40);
  CHECK(read->sha256.size() == 64);
  CHECK(read->begins == sas_time{std::chrono::seconds{1'700'000'000}});
  CHECK(read->ends == sas_time{std::chrono::seconds{1'900'000'000}});
  CHECK_FALSE(read->is_authority);
  CHECK(read_client_certificate(test_certificate{{"ca", true}}.pem())
          ->is_authority);
  CHECK_FALSE(read_client_certificate("no PEM"));
  CHECK_FALSE(read_client_certificate(""));
}

TEST_CASE("a chain must end in what is trusted", "[certificate]") {
  const test_certificate root{{"root", true}};
  const test_certificate middle{{"middle", true}, &root};
  const test_certificate leaf{{"leaf"}, &middle};
  const auto chain = leaf.pem() + middle.pem();
  CHECK(chain_fault(chain, root.pem(), now).empty());
  CHECK(chain_fault(leaf.pem(), middle.pem(), now).empty());
  SECTION("without a link it does not") {
    CHECK_FALSE(chain_fault(leaf.pem(), root.pem(), now).empty());
  }
  SECTION("another authority of the same name is another") {
    const test_certificate other{{"root", true}};
    CHECK_FALSE(chain_fault(chain, other.pem(), now).empty());
  }
  SECTION("a device cannot be an authority") {
    const test_certificate child{{"child"}, &leaf};
    CHECK_FALSE(chain_fault(child.pem() + chain, root.pem(), now).empty());
  }
  SECTION("the chain is judged at the time given") {
    CHECK_FALSE(
      chain_fault(chain, root.pem(), now + std::chrono::hours{24 * 3650})
        .empty());
  }
  SECTION("a server's certificate is no client's") {
    const test_certificate server{{"leaf", false, "serverAuth"}, &root};
    CHECK_FALSE(chain_fault(server.pem(), root.pem(), now).empty());
  }
  SECTION("nobody is trusted where nobody is named") {
    CHECK_FALSE(chain_fault(chain, "", now).empty());
    CHECK_FALSE(chain_fault("", root.pem(), now).empty());
  }
}

TEST_CASE("a certificate of a module is known as one", "[certificate]") {
  const auto of_module = [](const char* also) {
    const auto read = read_client_certificate(
      test_certificate{{.name = "leaf", .also = also}}.pem());
    REQUIRE(read);
    return read->is_of_module;
  };
  CHECK(of_module("URI:azureiot://hub.local/devices/edge-1/modules/leaf"));
  CHECK(of_module("URI:AzureIoT://hub.local/Devices/edge-1/Modules/leaf"));
  // As IoT Edge itself writes it.
  CHECK(
    of_module("DNS:leaf,DNS:URI: azureiot://h/devices/edge-1/modules/leaf"));
  CHECK_FALSE(of_module("DNS:leaf,URI:azureiot://hub.local/devices/leaf"));
  CHECK_FALSE(of_module("IP:127.0.0.1"));
  CHECK_FALSE(of_module(nullptr));
}

TEST_CASE("what a client sends never asks for a pass phrase", "[certificate]") {
  CHECK_FALSE(read_client_certificate(
    "-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\n"
    "DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n"
    "AAAAAAAAAAAAAAAAAAAAAA==\n-----END CERTIFICATE-----\n"));
}
