#include "messages/iothub/client_certificate.hpp"
#include "messages/iothub/identity_document.hpp"

#include <boost/json/parse.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

// What a parent or an administrator says of an identity, and what a client
// shows on TLS. An identity that is read is written in a form that reads as the
// same one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace tidegate;
  const std::string text{reinterpret_cast<const char*>(data), size};
  boost::system::error_code failed;
  const auto document = boost::json::parse(text, failed);
  std::string why;
  if (!failed && document.is_object())
    if (const auto read = parse_identity_document(document.get_object(), why))
      if (!parse_identity_document(identity_document(*read), why))
        std::abort();
  if (read_client_certificate(text))
    chain_fault(text, text, sas_time{std::chrono::seconds{1'800'000'000}});
  return 0;
}
