#include "messages/iothub/method_call.hpp"

#include <boost/json/parse.hpp>

#include <cstdlib>

using namespace tidegate;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data,
                                      std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  std::string why;
  const auto call = parse_method_call(text, why);
  if (!call && why.empty())
    std::abort();
  if (call && (call->name.empty() || call->payload.empty()))
    std::abort();
  if (const auto caller = parse_calling_module(text))
    if (to_string(*caller) != text)
      std::abort();
  // Whatever a client answers, its caller reads JSON.
  boost::json::parse_options options;
  options.max_depth = 128;
  boost::system::error_code failed;
  boost::json::parse(method_answer(200, text), failed, {}, options);
  if (failed)
    std::abort();
  return 0;
}
