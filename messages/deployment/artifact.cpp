#include "messages/deployment/artifact.hpp"

namespace tidegate::deployment {

artifact_reference parse_artifact(std::string_view image) {
  constexpr std::string_view file = "file://";
  using kind = artifact_reference::kind;
  if (image.starts_with(file))
    return {kind::file, std::string{image.substr(file.size())}, {}};
  if (image.find("://") != std::string_view::npos)
    return {kind::web, std::string{image}, {}};
  const auto colon = image.find(':');
  if (image.starts_with('/') || colon == std::string_view::npos)
    return {kind::program, std::string{image}, {}};
  return {kind::stored, std::string{image.substr(0, colon)},
          std::string{image.substr(colon + 1)}};
}

std::optional<std::string> digest_hex(std::string_view digest) {
  constexpr std::string_view prefix = "sha256:";
  constexpr std::size_t size = 64;
  if (digest.starts_with(prefix))
    digest.remove_prefix(prefix.size());
  if (digest.size() != size
      || digest.find_first_not_of("0123456789abcdef") != std::string_view::npos)
    return std::nullopt;
  return std::string{digest};
}

} // namespace tidegate::deployment
