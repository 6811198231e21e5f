#include "messages/iothub/subscription_kind.hpp"

namespace tidegate {

namespace {

/// `devices/.+/modules/.+/#`
bool selects_inputs(std::string_view filter) {
  constexpr std::string_view head = "devices/";
  constexpr std::string_view middle = "/modules/";
  constexpr std::string_view tail = "/#";
  if (!filter.starts_with(head) || !filter.ends_with(tail))
    return false;
  filter.remove_prefix(head.size());
  if (filter.size() < tail.size())
    return false;
  filter.remove_suffix(tail.size());
  const auto at = filter.find(middle, 1);
  return at != std::string_view::npos && at + middle.size() < filter.size();
}

} // namespace

subscription_kind classify_subscription(std::string_view filter) {
  if (filter.starts_with("$iothub/methods/POST/"))
    return subscription_kind::methods;
  if (filter.starts_with("$iothub/twin/PATCH/properties/desired/"))
    return subscription_kind::desired_properties;
  if (filter.ends_with("messages/devicebound/#"))
    return subscription_kind::c2d;
  if (filter == "$iothub/twin/res/#")
    return subscription_kind::twin_responses;
  if (selects_inputs(filter))
    return subscription_kind::module_inputs;
  return subscription_kind::unknown;
}

} // namespace tidegate
