#include "messages/binary.hpp"
#include "messages/block.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstdlib>

using namespace tidegate;

namespace {

/// Gives the input the mark, version and checksum of a sound block, so that
/// the fuzzer reaches what lies behind these checks.
std::string sealed(std::string text) {
  if (text.size() < 12)
    return text;
  text.replace(0, 4, "TB\x01\x00", 4);
  put_u64(text.data() + 4, XXH3_64bits(text.data() + 12, text.size() - 12));
  return text;
}

void visit(const block& b) {
  std::size_t sum = 0;
  for (std::uint32_t i = 0; i < b.size(); ++i) {
    for (const auto c : b.payload(i))
      sum += static_cast<unsigned char>(c);
    sum += properties_size(*b.head(i)) + (b.expires(i) == never_expires);
  }
  if (sum == static_cast<std::size_t>(-1))
    std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const auto& candidate : {text, sealed(text)}) {
    std::string why;
    if (const auto found = decode_block(candidate, why))
      visit(*found);
    else if (why.empty())
      std::abort();
  }
  return 0;
}
