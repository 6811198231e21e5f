#include "messages/iothub/client_version.hpp"

namespace tidegate {

bool merges_outcomes(std::string_view client_version) {
  return client_version.starts_with("azure-iot-device/");
}

} // namespace tidegate
