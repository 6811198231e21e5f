#include "messages/identity_id.hpp"

namespace tidegate {

std::string to_string(const identity_id& id) {
  return id.is_module() ? id.device + '/' + id.module : id.device;
}

identity_id parse_identity_id(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos
      || text.find('/', slash + 1) != std::string_view::npos)
    return {std::string{text}, {}};
  return {std::string{text.substr(0, slash)},
          std::string{text.substr(slash + 1)}};
}

} // namespace tidegate
