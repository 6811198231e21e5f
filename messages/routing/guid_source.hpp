#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace tidegate::routing {

/// Makes GUIDs (version 4) from a seed.
class guid_source {
public:
  explicit guid_source(std::uint64_t seed) : state_{seed} {}

  /// A new GUID, written `xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx`. The view is
  /// good until the next call.
  std::string_view next();

private:
  std::uint64_t random();

  std::uint64_t state_;
  std::array<char, 36> text_{};
};

} // namespace tidegate::routing
