#include "messages/iothub/inbound_topic.hpp"
#include "messages/iothub/link_address.hpp"
#include "messages/iothub/outbound_topic.hpp"
#include "messages/iothub/property_bag.hpp"
#include "messages/iothub/subscription_kind.hpp"
#include "messages/iothub/telemetry_head.hpp"
#include "messages/mqtt/topic_filter.hpp"

#include <cstdlib>

using namespace tidegate;

namespace {

/// A head built from any topic names its sender, and can be passed on.
void check_telemetry(const identity_id& speaker, std::string_view bag) {
  auto decoded = decode_property_bag(bag);
  if (!decoded)
    return;
  const auto head = make_head(speaker, {std::move(decoded.entries)});
  const auto* id = find_property(head->system, "connectionDeviceId");
  if (head->sender != speaker || !id || id->value != speaker.device)
    std::abort();
  const auto topic = input_topic(speaker, "in", outbound_properties(*head));
  if (!matches("devices/+/modules/+/#", topic))
    std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data,
                                      std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const identity_id module{"edge-1", "pump"};
  for (const auto& speaker : {module, identity_id{"leaf-9", ""}}) {
    const auto parsed = parse_inbound_topic(text, speaker);
    if (parsed.kind == inbound_kind::telemetry)
      check_telemetry(speaker, parsed.bag);
  }
  classify_subscription(text);
  parse_link_address(text);
  const auto middle = size / 2;
  if (valid_topic_filter(text.substr(0, middle)))
    matches(text.substr(0, middle), text.substr(middle));
  return 0;
}
