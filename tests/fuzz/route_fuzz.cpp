// The first byte picks the encoding of the body; what follows is a route or a
// condition up to a NUL, then a body.
#include "messages/routing/evaluate.hpp"
#include "messages/routing/route.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using namespace tidegate;
using namespace tidegate::routing;

void ask(const condition& what, std::string_view encoding,
         std::string_view body) {
  message_head head;
  head.system = {{"contentType", "application/json"},
                 {"contentEncoding", std::string{encoding}},
                 {"messageId", "m-1"}};
  head.user = {{"level", "warn"},
               {"count", "12"},
               {"empty", std::nullopt},
               {"t", "\xC3\xA9\xF0\x9F\x98\x80 \xFF"}};
  static scratch memory{1};
  message_view whole{head, body, "edge-1", memory};
  const auto value = evaluate(what, whole);
  if (matches(what, whole) != (value == truth::yes))
    std::abort();
  if (!what.per_message()) {
    message_view any{head, "edge-1", memory};
    if (evaluate(what, any) != value || any.take_incomplete())
      std::abort();
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  if (size == 0)
    return 0;
  const std::string_view input{reinterpret_cast<const char*>(data) + 1,
                               size - 1};
  constexpr std::string_view encodings[]{"utf-8", "utf-16", "utf-32"};
  const auto encoding = encodings[data[0] % 3];
  const auto end = std::min(input.find('\0'), input.size());
  const auto text = input.substr(0, end);
  const auto body = input.substr(std::min(end + 1, input.size()));
  if (const auto compiled = compile_condition(text))
    ask(*compiled, encoding, body);
  if (const auto found = parse_route(text, "edge-1"))
    ask(found->filter, encoding, body);
  return 0;
}
