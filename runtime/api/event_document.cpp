#include "runtime/api/event_document.hpp"

#include "messages/amqp/time_text.hpp"
#include "messages/iothub/message_document.hpp"

#include <cstdio>
#include <ctime>

namespace tidegate {

namespace json = boost::json;

std::string format_time(wall_time at) {
  const auto since = at.time_since_epoch();
  const auto whole = std::chrono::floor<std::chrono::seconds>(since);
  const std::time_t seconds = whole.count();
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  const auto length
    = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text + length, sizeof text - length, ".%03dZ",
                static_cast<int>((since - whole).count()));
  return text;
}

json::object event_document(std::uint64_t offset, const block& in,
                            std::uint32_t index) {
  const auto& head = *in.head(index);
  json::object out;
  out["offset"] = offset;
  out["enqueuedTime"] = format_time(in.enqueued());
  const auto* created = find_property(head.system, "creationTime");
  if (created && created->value)
    if (const auto at = amqp::parse_time(*created->value))
      out["delayMs"] = in.enqueued().time_since_epoch().count() - *at;
  write_message(out, head, in.payload(index));
  return out;
}

} // namespace tidegate
