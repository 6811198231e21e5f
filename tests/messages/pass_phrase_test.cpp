#include "messages/pass_phrase.hpp"

#include <catch2/catch.hpp>

using namespace tidegate;

TEST_CASE("a key with a pass phrase is told from one without", "[tls]") {
  CHECK(pass_phrase_fault("-----BEGIN PRIVATE KEY-----\n").empty());
  CHECK(pass_phrase_fault("").empty());
  CHECK_FALSE(
    pass_phrase_fault("-----BEGIN ENCRYPTED PRIVATE KEY-----\n").empty());
  CHECK_FALSE(pass_phrase_fault("-----BEGIN RSA PRIVATE KEY-----\n"
                                "Proc-Type: 4,ENCRYPTED\n")
                .empty());
  CHECK(no_pass_phrase(nullptr, 0, 0, nullptr) < 0);
}
