#include "messages/iothub/property_bag.hpp"
#include "messages/mqtt/utf8.hpp"

#include <cstdlib>

using namespace tidegate;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data,
                                      std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  const auto bag = decode_property_bag(input);
  if (!bag || !valid_utf8(input))
    return 0;
  std::string text;
  encode_property_bag(text, bag.entries);
  const auto again = decode_property_bag(text);
  if (!again || again.entries != bag.entries)
    std::abort();
  return 0;
}
