#include "messages/iothub/message_document.hpp"

#include "messages/iothub/base64.hpp"
#include "messages/mqtt/utf8.hpp"

namespace tidegate {

namespace {

namespace json = boost::json;

json::object properties_document(const std::vector<property>& all) {
  json::object out;
  for (const auto& [name, value] : all) {
    if (value)
      out[name] = *value;
    else
      out[name] = nullptr;
  }
  return out;
}

} // namespace

void write_message(json::object& out, const message_head& head,
                   std::string_view payload) {
  out["from"] = to_string(head.sender);
  out["properties"] = properties_document(head.user);
  out["systemProperties"] = properties_document(head.system);
  if (valid_utf8(payload))
    out["body"] = payload;
  else
    out["bodyBase64"] = base64_encode(payload);
}

} // namespace tidegate
