#include "messages/twin/service_document.hpp"

#include "messages/iothub/identity_document.hpp"

#include <boost/json/value.hpp>
#include <utility>

namespace tidegate::twin {

namespace json = boost::json;

json::object service_document(const identity& owner, bool connected,
                              const hub_twin& twin) {
  const auto known = identity_document(owner);
  json::object out{{"deviceId", owner.id.device}};
  if (owner.id.is_module())
    out["moduleId"] = owner.id.module;
  for (auto& [key, value] : service_view(twin))
    out[key] = value;
  out["deviceEtag"] = owner.etag;
  out["connectionState"] = connected ? "Connected" : "Disconnected";
  out["authenticationType"] = known.at("authentication").at("type");
  for (const auto* same : {"status", "capabilities", "deviceScope"})
    if (const auto* value = known.if_contains(same))
      out[same] = *value;
  return out;
}

} // namespace tidegate::twin
