#include "messages/iothub/user_name.hpp"
#include "messages/mqtt/utf8.hpp"

#include <cstdlib>

using namespace tidegate;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data,
                                      std::size_t size) {
  std::string_view why;
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  const auto found = parse_user_name(input, why);
  if (found.has_value() != why.empty())
    std::abort();
  if (!found || !valid_utf8(input))
    return 0;
  const auto again
    = parse_user_name(format_user_name("hub", *found, "2021-04-12"), why);
  if (!again || again->id != found->id
      || again->client_type != found->client_type)
    std::abort();
  return 0;
}
