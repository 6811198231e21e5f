#pragma once

#include <string_view>

namespace tidegate {

/// What a client asks for with a topic filter (edge-hub spec 1.4).
enum class subscription_kind {
  methods,
  desired_properties,
  c2d,
  twin_responses,
  module_inputs,
  unknown ///< granted, and without effect
};

subscription_kind classify_subscription(std::string_view filter);

} // namespace tidegate
