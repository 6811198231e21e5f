#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidegate::deployment {

/// How a registry lets somebody in.
struct registry_credential {
  std::string name, address, user, password;

  bool operator==(const registry_credential&) const = default;
};

/// The registry of a container image, as credentials name it; nothing for an
/// image without a `/`, which no credential is for (edge-agent spec 5.3). Of
/// a URL it is the host, with its port.
std::optional<std::string> registry_domain(std::string_view image);

/// The first of `known` whose address is the image's registry, whatever its
/// case; null when there is none.
const registry_credential*
credential_for(std::string_view image,
               const std::vector<registry_credential>& known);

/// The value of `X-Registry-Auth` for the engine.
std::string registry_auth(const registry_credential& credential);

} // namespace tidegate::deployment
