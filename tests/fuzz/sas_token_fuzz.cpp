#include "messages/iothub/connection_string.hpp"
#include "messages/iothub/sas_token.hpp"

#include <cstdlib>
#include <vector>

using namespace tidegate;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data,
                                      std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const std::vector<std::string> hosts{"tidehub.azure-devices.net"};
  const std::vector<std::string> keys{
    "dGlkZWdhdGUtcHJpbWFyeS1rZXktMDEyMzQ1Njc4OSE="};
  std::string_view why;
  if (const auto token = parse_sas_token(text, why))
    verify(*token, {"sensor-7", ""}, hosts, keys, sas_time{});
  else if (why.empty())
    std::abort();
  parse_sas_audience(text);
  std::string fault;
  if (const auto found = parse_connection_string(text, fault))
    if (parse_connection_string(to_string(*found), fault) != found)
      std::abort();
  return 0;
}
