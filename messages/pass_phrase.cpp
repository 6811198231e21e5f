#include "messages/pass_phrase.hpp"

namespace tidegate {

int no_pass_phrase(char*, int, int, void*) { return -1; }

std::string pass_phrase_fault(std::string_view pem) {
  const auto has = [pem](std::string_view text) {
    return pem.find(text) != std::string_view::npos;
  };
  // RFC 7468, section 11; RFC 1421, section 4.6.1.1.
  if (!has("-----BEGIN ENCRYPTED PRIVATE KEY-----")
      && !has("Proc-Type: 4,ENCRYPTED"))
    return {};
  return "the private key has a pass phrase, which nobody is asked for; write "
         "it without one (openssl pkey -in KEY -out NEW), readable by its "
         "owner only";
}

} // namespace tidegate
