#include "messages/iothub/identity_document.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;

TEST_CASE("an identity survives its document", "[identity]") {
  identity leaf;
  leaf.id = {"leaf-9", {}};
  leaf.primary_key = "a2V5";
  leaf.secondary_key = "a2V6";
  leaf.parent = "edge-1";
  leaf.generation = "638";
  leaf.etag = "AQ==";
  auto module = leaf;
  module.id.module = "pump";
  module.parent.clear();
  module.managed_by = "IotEdge";
  auto edge = leaf;
  edge.edge = true;
  edge.enabled = false;
  auto pinned = leaf;
  pinned.credential = credential_kind::thumbprint;
  pinned.primary_key = pinned.secondary_key = "";
  pinned.primary_thumbprint = std::string(40, 'A');
  pinned.secondary_thumbprint = std::string(64, '0');
  auto issued = pinned;
  issued.credential = credential_kind::authority;
  issued.primary_thumbprint = issued.secondary_thumbprint = "";
  std::string why;
  for (const auto& one : {leaf, module, edge, pinned, issued})
    CHECK(parse_identity_document(identity_document(one), why) == one);
}

TEST_CASE("a bad document names the field", "[identity]") {
  std::string why;
  CHECK_FALSE(parse_identity_document({{"deviceId", "a b"}}, why));
  CHECK_THAT(why, Catch::StartsWith("deviceId"));
  CHECK_FALSE(
    parse_identity_document({{"deviceId", "a"}, {"status", "sleeping"}}, why));
  CHECK_THAT(why, Catch::StartsWith("status"));
  CHECK_FALSE(parse_identity_document(
    {{"deviceId", "a"}, {"authentication", {{"type", "magic"}}}}, why));
  CHECK_THAT(why, Catch::StartsWith("authentication.type"));
  CHECK_FALSE(parse_identity_document(
    {{"deviceId", "a"},
     {"authentication",
      {{"type", "selfSigned"},
       {"x509Thumbprint", {{"primaryThumbprint", "12:34"}}}}}},
    why));
  CHECK_THAT(why, Catch::StartsWith("authentication.x509Thumbprint"));
}
