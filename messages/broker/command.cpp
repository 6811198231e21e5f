#include "messages/broker/command.hpp"

#include "messages/iothub/base64.hpp"
#include "messages/iothub/property_bag.hpp"
#include "messages/iothub/telemetry_head.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace tidegate {

namespace {

namespace json = boost::json;

bool read_properties(const json::value& from, std::vector<property>& into) {
  const auto* all = from.if_object();
  if (!all)
    return false;
  for (const auto& [name, value] : *all) {
    if (!value.is_string() && !value.is_null())
      return false;
    set_property(into, name,
                 value.is_null()
                   ? std::nullopt
                   : std::optional{std::string{value.get_string()}});
  }
  return true;
}

std::optional<std::string> read_body(const json::object& from) {
  const auto* text = from.if_contains("body");
  const auto* encoded = from.if_contains("bodyBase64");
  if ((text && !text->is_string()) || (encoded && !encoded->is_string())
      || (text && encoded))
    return std::nullopt;
  if (encoded)
    return base64_decode(encoded->get_string());
  return text ? std::string{text->get_string()} : std::string{};
}

bool read_envelope(std::string_view payload, broker_command& into,
                   std::string& why) {
  boost::system::error_code failed;
  const auto document = json::parse(payload, failed);
  if (failed || !document.is_object()) {
    why = "the payload is not a JSON object";
    return false;
  }
  const auto& object = document.get_object();
  auto body = read_body(object);
  if (!body) {
    why = "body must be a text, or bodyBase64 bytes in base64";
    return false;
  }
  into.payload = std::move(*body);
  std::vector<property> bag;
  const auto* properties = object.if_contains("properties");
  if (properties && !read_properties(*properties, bag)) {
    why = "properties must be an object of texts";
    return false;
  }
  add_bag(into.head, std::move(bag));
  return true;
}

} // namespace

std::string command_filter(const broker_language& language) {
  auto filter = language.commands->filter({{"edge", language.edge}});
  if (!language.envelope)
    filter += "/#"; // also without a bag (MQTT 3.1.1, section 4.7.1.2)
  return filter;
}

std::optional<broker_command> read_command(const broker_language& language,
                                           std::string_view topic,
                                           std::string_view payload,
                                           std::string& why) {
  topic_places places{{"edge", language.edge}};
  const auto rest = language.commands ? language.commands->read(topic, places)
                                      : std::optional<std::string_view>{};
  if (!rest || (language.envelope && !rest->empty())) {
    why = "the topic is not one for commands";
    return std::nullopt;
  }
  broker_command made;
  made.device = places["device"];
  if (language.envelope)
    return read_envelope(payload, made, why) ? std::optional{made}
                                             : std::nullopt;
  auto bag = decode_property_bag(*rest);
  if (!bag) {
    why = "the property bag is wrong: " + std::string{bag.why};
    return std::nullopt;
  }
  add_bag(made.head, std::move(bag.entries));
  made.payload = payload;
  return made;
}

} // namespace tidegate
