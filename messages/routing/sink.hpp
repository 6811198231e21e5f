#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace tidegate::routing {

/// The endpoint id of `$upstream`.
inline constexpr std::string_view upstream_endpoint = "iothub";

/// Where a route leads.
struct sink {
  enum class kind : std::uint8_t { upstream, module };

  kind is = kind::upstream;
  /// `iothub`, or `{edge device}/{module}/{input}`.
  std::string endpoint{upstream_endpoint};

  bool operator==(const sink&) const = default;
};

} // namespace tidegate::routing
