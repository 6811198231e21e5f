#include "runtime/node/broker_language_of.hpp"

namespace tidegate {

std::shared_ptr<const broker_language>
broker_language_of(const config& from, const node_profile& who) {
  if (!who.has_broker)
    return nullptr;
  const auto& broker = from.parent.mqtt;
  std::string why; // the configuration was checked when it was read
  auto made = std::make_shared<broker_language>();
  made->edge = who.device;
  made->telemetry
    = topic_template::parse(broker.telemetry, telemetry_places, why).value();
  if (!broker.commands.empty())
    made->commands
      = topic_template::parse(broker.commands, command_places, why).value();
  made->envelope = broker.properties == "envelope";
  return made;
}

} // namespace tidegate
