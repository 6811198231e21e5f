#include "messages/iothub/configuration_content.hpp"
#include "messages/iothub/event_selector.hpp"
#include "messages/iothub/policy_document.hpp"
#include "messages/iothub/service_address.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <cstdlib>

using namespace tidegate;

// What services say that is no AMQP and no SAS: deployments, policies, filters,
// addresses.
extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data,
                                      std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  std::string why;
  const auto content = parse_configuration_content(text, why);
  if (!content && why.empty())
    std::abort();
  if (content)
    for (const auto& one : content->twins)
      if (!content->modules.contains(one.module))
        std::abort();
  if (const auto from = parse_event_selector(text))
    if (from->is == event_position::kind::after_number && from->value < -1
        && text.find('-') == std::string_view::npos)
      std::abort();
  if (const auto address = parse_service_address(text))
    if (address->path.front() != '/')
      std::abort();
  boost::system::error_code failed;
  const auto document = boost::json::parse(text, failed);
  if (failed || !document.is_object())
    return 0;
  if (const auto policy = parse_policy_document(document.get_object(), why))
    if (parse_policy_document(policy_document(*policy), why) != policy)
      std::abort();
  return 0;
}
